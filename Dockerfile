# PostgreSQL with the extension:  docker build -t postgres-skills .
# The image is used as its base is; CREATE EXTENSION skills does the rest.
FROM postgres:17 AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make libarchive-dev libyaml-dev postgresql-server-dev-17
COPY . /skills
WORKDIR /skills
RUN make with_llvm=no && make with_llvm=no install DESTDIR=/out

FROM postgres:17
RUN apt-get update && apt-get install -y --no-install-recommends 'libarchive13*' libyaml-0-2 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out /
