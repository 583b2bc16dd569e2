/** The style of the page. Both colour schemes have a contrast of at least 4.5 to 1. */
export const style = `
:root {
  color-scheme: light dark;
  --text: #1d2430; --back: #ffffff; --soft: #5a6472; --line: #d4dae2; --stripe: #f4f6f9;
  --good: #146c3c; --bad: #b3261e; --open: #8a5200; --bar: #2f6fb3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6eaf0; --back: #14181e; --soft: #a3adba; --line: #343c47; --stripe: #1b2129;
    --good: #6fd39a; --bad: #ff8a80; --open: #f0b35c; --bar: #6aa9ea;
  }
}
body { margin: 0 auto; max-width: 75rem; padding: 1.5rem; color: var(--text);
  background: var(--back); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.5rem; }
p, li { max-width: 48rem; }
.soft { color: var(--soft); }
.verdict { font-size: 1.2rem; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.open { color: var(--open); }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
caption { text-align: left; color: var(--soft); padding: 0.3rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0;
  border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--stripe); }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
code { font-size: 0.85rem; overflow-wrap: anywhere; }
.bar { fill: var(--bar); vertical-align: middle; } .bar .room { fill: var(--line); }
`
