# The picture of a run: what a chat turn costs, and how far each target is.
# report.py puts the data before this: $turns, $targets, title, output.

set terminal svg noenhanced size 1100,720 font "sans-serif,13" background "#ffffff"
set output output
set multiplot layout 2,1 title title font ",16"
set style fill solid 0.85 noborder
set border 1
set tics nomirror scale 0.5
unset ytics
set grid xtics linecolor "#dddddd"
set key top right reverse Left

set lmargin 52
set rmargin 12
set xlabel "microseconds, median"
set yrange [rows_of_turns - 0.4:-0.6]
set ytics ()
set ytics scale 0
plot $turns using (0):0:(0):2:($0 - 0.38):($0 - 0.02):ytic(1) with boxxyerror linecolor "#4477aa" title "wall, at the client", \
	"" using (0):0:(0):3:($0 + 0.02):($0 + 0.38) with boxxyerror linecolor "#ddaa33" title "CPU of the backend", \
	"" using 2:($0 - 0.2):(sprintf(" %.0f", $2)) with labels left offset 0.4,0 notitle, \
	"" using 3:($0 + 0.2):(sprintf(" %.0f", $3)) with labels left offset 0.4,0 notitle

set xlabel "share of the limit: at most 1 is met"
set yrange [rows_of_targets - 0.4:-0.6]
set xrange [0:*]
set arrow 1 from 1, graph 0 to 1, graph 1 nohead linecolor "#cc3311" linewidth 2
plot $targets using (0):0:(0):2:($0 - 0.35):($0 + 0.35):($2 <= 1 ? 0x228833 : 0xcc3311):ytic(1) with boxxyerror linecolor rgb variable notitle, \
	"" using 2:0:(sprintf(" %.2f", $2)) with labels left offset 0.4,0 notitle
unset multiplot
