"""The report's page: its style (light, dark, phone, print) and its two small scripts."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>hardposterior: the ledger</title>
<style>
:root{--ink:#1c2126;--paper:#fdfdfb;--line:#d5d8da;--soft:#5b636b;--good:#14683a;--held:#0b5f86;
--warn:#7d5600;--bad:#a4161a;--lit:#f1f3f2;--pale:#b5cfdc}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8e8e4;--paper:#15181b;--line:#3a4147;
--soft:#a8b0b7;--good:#7fd6a2;--held:#86c9ea;--warn:#e7c06a;--bad:#ff9b93;--lit:#1f2429;--pale:#2f566a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem;max-width:64rem;font:1rem/1.5 Georgia,serif;color:var(--ink);
background:var(--paper)}
h1{font-size:1.5rem;margin:0 0 .25rem}
h2{display:inline;font:inherit;margin:0}h3{font-size:1em;margin:1rem 0 .25rem}h3+*{margin-top:0}
code,.badge,button,input,table{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.85rem}
.counts{list-style:none;display:flex;flex-wrap:wrap;gap:.75rem;padding:0}
.badge{border:1px solid currentColor;border-radius:.75rem;padding:.05rem .55rem;white-space:nowrap}
.badge.proved{color:var(--good)}.badge.held,.badge.derived,.badge.assumed{color:var(--held)}
.badge.not{color:var(--warn)}.badge.bad{color:var(--bad);font-weight:bold}
.card{border-top:1px solid var(--line);padding:.6rem 0}
summary{cursor:pointer}
.claim{display:block;padding:.15rem 0 0 1.1rem}
.soft,.said,small{color:var(--soft);font-size:.85em}td .said,th .said{font-size:1em}
.said{margin:.1rem 0;overflow-wrap:anywhere;font-weight:normal}
.option{white-space:nowrap}code{overflow-wrap:anywhere}
.scroll{overflow-x:auto}tbody th{font-weight:normal}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
th.n,.n{text-align:right}sub,sup{line-height:0}
button,input{color:inherit;background:var(--lit);border:1px solid var(--line);border-radius:.3rem;
padding:.3rem .6rem}
button{cursor:pointer}
:focus-visible{outline:2px solid var(--held);outline-offset:2px}
input{width:100%;max-width:24rem}
meter{width:10rem;vertical-align:middle}
@media (max-width:36rem){body{padding:.9rem}td,th{padding:.25rem .35rem}}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media print{:root{color-scheme:light}button,.filter,.rerun{display:none}
body{max-width:none;padding:0;font-size:10pt}code,.badge,table{font-size:8pt}
td,th{padding:.15rem .35rem}.scroll{overflow:visible}h3{break-after:avoid}
summary,tr,figure{break-inside:avoid}summary{break-after:avoid}summary::marker{content:""}meter{print-color-adjust:exact}}
</style></head><body>
<header><h1>hardposterior: the ledger</h1>
<p class="soft">The claims of <cite>Diffusion Posterior Sampling is Computationally
Intractable</cite> (arXiv:2402.12727) and what was seen of them.</p>
<p class="soft">Proved: the whole claim. Proved on a box: on the stated range of its parameters.
Held: searched or sampled, no counterexample. Derived: follows from the statements that it names.
Assumed: nothing checks it. The scope of evidence is the whole claim, a box of parameters, or a step
of the proof, which never shows a claim as proved.</p>
<ul class="counts" aria-label="statements by status">@COUNTS@</ul>
<p>Weakest link: @WEAKEST@</p>
<p class="filter"><label>Filter <input id="filter" type="search"
placeholder="id, claim or status"></label> <span id="shown" role="status"></span></p>
<p class="unseen" id="said" role="status"></p></header>
<main>@CARDS@</main>
<footer class="soft"><p>@SETTING@</p><p>@VERSIONS@</p></footer>
<script>
const cards=[...document.querySelectorAll('.card')];
const filter=document.getElementById('filter');
const shown=document.getElementById('shown');
const said=document.getElementById('said');
filter.addEventListener('input',()=>{
  const words=filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count=0;
  for(const card of cards){
    const text=(card.id+' '+card.textContent+' '+card.dataset.status).toLowerCase();
    card.hidden=!words.every(word=>text.includes(word));
    count+=!card.hidden;
  }
  shown.textContent=words.length?count+' of '+cards.length+' shown':'';
});
document.addEventListener('click',async event=>{
  const button=event.target.closest('button.copy');
  if(!button)return;
  const text=button.dataset.text;
  try{await navigator.clipboard.writeText(text)}
  catch(error){
    const area=document.createElement('textarea');
    area.value=text;document.body.append(area);area.select();
    document.execCommand('copy');area.remove();
  }
  button.textContent='copied';
  said.textContent='copied '+text;
  setTimeout(()=>{button.textContent='copy';said.textContent=''},1500);
});
let closed=[];
addEventListener('beforeprint',()=>{
  closed=cards.filter(card=>!card.open);
  closed.forEach(card=>{card.open=true});
});
addEventListener('afterprint',()=>closed.forEach(card=>{card.open=false}));
</script></body></html>
"""
