/*
 * package.h
 *		What the functions that read and write packages share.
 */
#ifndef SKILLS_PACKAGE_H
#define SKILLS_PACKAGE_H

#include "postgres.h"

#include "nodes/execnodes.h"
#include "utils/palloc.h"

#include "problem.h"

typedef enum SkillsOnProblem
{
	SKILLS_RAISE,				/* errors and warnings */
	SKILLS_IGNORE_WARNINGS,
	SKILLS_LIST					/* all, as rows */
} SkillsOnProblem;

typedef struct SkillsReading
{
	Surroundings surroundings;
	MemoryContext memory;
	MemoryContext before;
	SkillsOnProblem on_problem;
	ReturnSetInfo *result;		/* for the rows, if there are any */
} SkillsReading;

extern void skills_begin_reading(SkillsReading *reading, SkillsOnProblem on_problem);
extern void skills_end_reading(SkillsReading *reading);
extern void skills_release_with(SkillsReading *reading, MemoryContextCallbackFunction release,
								void *argument);
extern SkillsOnProblem skills_read_on_problem(text *value);
extern void skills_raise_problem(const Problem *problem, SkillsOnProblem on_problem);

#endif							/* SKILLS_PACKAGE_H */
