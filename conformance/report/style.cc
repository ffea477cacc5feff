#include "conformance/report/style.h"

namespace conformance {

// Two sets of colours and one layout. Narrow screens get the tables as rows that wrap.
const char* const kStyle = R"css(
:root{color-scheme:light dark;--bg:#fbfbf9;--card:#fff;--ink:#1d2125;--dim:#626b74;--line:#e2e3df;--good:#1f7a4d;
--good-bg:#e4f3ea;--bad:#b3261e;--bad-bg:#fbe9e7;--warn:#8a5a00;--warn-bg:#fbf0d9;--none-bg:#eceeef;--mark:#ffd9d4}
@media(prefers-color-scheme:dark){:root{--bg:#15181b;--card:#1c2024;--ink:#e4e6e8;--dim:#98a1a9;--line:#2e3338;
--good:#6fcf97;--good-bg:#17301f;--bad:#ff9b91;--bad-bg:#3a1c19;--warn:#f0c265;--warn-bg:#352a12;--none-bg:#262b30;
--mark:#6d2b25}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.25;margin:0;font-weight:650}
h2{font-size:1.1rem;margin:2.5rem 0 .75rem;font-weight:650}
p{margin:.4rem 0}.dim{color:var(--dim)}small{color:var(--dim)}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85em;
overflow-wrap:anywhere}
.head{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:center;justify-content:space-between}
.badge{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.82rem;font-weight:600;white-space:nowrap;
background:var(--none-bg);color:var(--dim)}
.badge.good{background:var(--good-bg);color:var(--good)}.badge.bad{background:var(--bad-bg);color:var(--bad)}
.badge.warn{background:var(--warn-bg);color:var(--warn)}.head .badge{font-size:1rem;padding:.3rem .9rem}
.tiles{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0 .75rem}
.tile{flex:1 1 7rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.6rem .9rem}
.tile b{display:block;font-size:1.5rem;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.3}
.bar{display:flex;height:.6rem;border-radius:.3rem;overflow:hidden;background:var(--none-bg)}
.bar i{display:block;background:var(--good)}.bar i.bad{background:var(--bad)}.bar i.none{background:var(--dim)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden}
table{width:100%;border-collapse:collapse;font-size:.92rem}
th{text-align:left;font-weight:600;color:var(--dim);font-size:.82rem}
th,td{padding:.45rem .9rem;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.fail{margin:.75rem 0;padding:.8rem .9rem;border-left:4px solid var(--bad)}
.fail .bits{display:grid;grid-template-columns:5.5rem 1fr;gap:.1rem .5rem;align-items:baseline;margin:.5rem 0}
mark{background:var(--mark);color:inherit;border-radius:.15rem}
pre{margin:.5rem 0 0;padding:.6rem .8rem;background:var(--none-bg);border-radius:.4rem;white-space:pre-wrap;
overflow-wrap:anywhere}
details>summary{cursor:pointer;color:var(--dim);padding:.45rem 0}
@media(max-width:38rem){main{padding:1.25rem .9rem 3rem}th,td{padding:.4rem .6rem}
table.rows thead{display:none}table.rows tr{display:block;padding:.45rem .2rem;border-bottom:1px solid var(--line)}
table.rows tr:last-child{border-bottom:0}table.rows td{display:inline-block;border:0;padding:.1rem .6rem}
table.rows td:first-child,table.rows td.wide{display:block}table.rows td.n{text-align:left}
table.rows td[data-of]::after{content:" " attr(data-of);color:var(--dim)}}
@media print{body{background:#fff}.card,.tile{break-inside:avoid}}
)css";

}  // namespace conformance
