"""What a reader may ask of a page, in a browser: each check gives the faults that it finds.

Held to WCAG 2.2 AA where it can be computed: contrast, names, order of headings, headers of tables,
landmarks, focus by keyboard, status messages; and nothing cut off, at any width or on paper.
"""

HELPERS = """
const seen=e=>{const r=e.getBoundingClientRect();return r.width>0&&r.height>0};
const channels=c=>{const v=c.match(/[\\d.]+/g).map(Number);return v.length<4?[...v,1]:v};
const over=(a,b)=>[0,1,2].map(i=>a[3]*a[i]+(1-a[3])*b[i]);
const light=c=>c.slice(0,3).map(v=>v/255).map(v=>v<=.04045?v/12.92:((v+.055)/1.055)**2.4)
  .reduce((s,v,i)=>s+v*[.2126,.7152,.0722][i],0);
const ratio=(a,b)=>{const [x,y]=[light(a),light(b)].sort((p,q)=>q-p);return (x+.05)/(y+.05)};
const ground=e=>{
  const parts=[];
  for(let p=e;p;p=p.parentElement)parts.push(channels(getComputedStyle(p).backgroundColor));
  return parts.reverse().reduce((under,top)=>over(top,under),[255,255,255]);
};
const named=e=>(e.id||e.className.baseVal||e.className||e.tagName)+': '+
  (e.textContent||'').trim().slice(0,40);
document.querySelectorAll('details').forEach(d=>{d.open=true});
"""

CONTRAST = """
const bad=new Set(),walk=document.createTreeWalker(document.body,NodeFilter.SHOW_TEXT);
while(walk.nextNode()){
  const e=walk.currentNode.parentElement,style=getComputedStyle(e);
  if(!walk.currentNode.data.trim()||!seen(e)||['SCRIPT','STYLE'].includes(e.tagName))continue;
  const ink=channels(e.closest('svg')?style.fill:style.color);
  if(ratio(over(ink,ground(e)),ground(e))<4.5)bad.add(named(e));
}
for(const e of document.querySelectorAll('.exact,.line,.dot,.ring')){
  const style=getComputedStyle(e),paper=ground(e);
  const best=['fill','stroke'].filter(k=>style[k]!=='none').map(k=>{
    const c=channels(style[k]);
    c[3]*=style.opacity*style[k+'Opacity'];
    return ratio(over(c,paper),paper);
  });
  if(!(Math.max(...best)>=3))bad.add(e.getAttribute('class'));
}
return [...bad];
"""

STRUCTURE = """
const bad=[];
for(const [tag,least] of [['header',1],['main',1],['footer',1],['h1',1]])
  if(document.querySelectorAll(tag).length!==least)bad.push(tag);
if(!document.documentElement.lang)bad.push('lang');
let level=0;
for(const h of document.querySelectorAll('h1,h2,h3,h4')){
  const here=Number(h.tagName[1]);
  if(here>level+1)bad.push('heading '+named(h));
  level=here;
}
for(const d of document.querySelectorAll('details'))
  if(!d.querySelector('summary h2'))bad.push('card without a heading '+d.id);
for(const th of document.querySelectorAll('th'))if(!th.scope)bad.push('scope '+named(th));
for(const table of document.querySelectorAll('table'))
  if(!table.querySelector('thead th')||!table.querySelector('tbody th'))bad.push('table headers');
for(const f of document.querySelectorAll('figure'))
  if(!f.querySelector('figcaption')||!f.querySelector('[role=img]'))bad.push('figure');
const ids=[...document.querySelectorAll('[id]')].map(e=>e.id);
if(new Set(ids).size!==ids.length)bad.push('ids');
return bad;
"""

CUT_OFF = """
const bad=[];
if(document.documentElement.scrollWidth>innerWidth)bad.push('the page scrolls sideways');
for(const e of document.querySelectorAll('main *, header *')){
  if(!seen(e)||e.closest('.scroll')||e.closest('svg')||e.closest('.unseen'))continue;
  if(e.getBoundingClientRect().right>innerWidth+1)bad.push(named(e));
}
for(const t of document.querySelectorAll('svg text')){
  const box=t.getBBox(),all=t.closest('svg').viewBox.baseVal;
  if(box.x<-1||box.y<-1||box.x+box.width>all.width+1||box.y+box.height>all.height+1)
    bad.push('in a plot: '+t.textContent);
}
return bad;
"""

COLOUR_ALONE = """
return [...document.querySelectorAll('.badge')].filter(b=>!b.textContent.trim()).map(named);
"""

STATUS = """
const filter=document.getElementById('filter'),cards=[...document.querySelectorAll('.card')];
const live=e=>e&&(e.getAttribute('role')==='status'||e.ariaLive==='polite');
const bad=[],shown=document.getElementById('shown');
filter.value=cards[0].id;filter.dispatchEvent(new Event('input'));
if(!live(shown)||shown.textContent!==cards.filter(c=>!c.hidden).length+' of '+cards.length+' shown')
  bad.push('filter: '+(shown&&shown.textContent));
if(cards[0].hidden||cards.every(c=>!c.hidden))bad.push('filter');
filter.value='';filter.dispatchEvent(new Event('input'));
const button=document.querySelector('button.copy');
button.click();
for(let k=0;k<40&&button.textContent==='copy';k++)await new Promise(r=>setTimeout(r,25));
const said=document.getElementById('said');
if(!live(said)||!said.textContent.includes(button.dataset.text))bad.push('copied, unsaid');
if(button.textContent!=='copied')bad.push('copied, unseen');
return bad;
"""

ON_PAPER = """
const bad=[];
if(light(ground(document.body))<.9)bad.push('dark paper');
for(const e of document.querySelectorAll('button,input'))if(seen(e))bad.push(named(e));
for(const e of document.querySelectorAll('.scroll'))
  if(e.scrollWidth>e.clientWidth+1)bad.push('cut off: '+e.getAttribute('aria-label'));
for(const e of document.querySelectorAll('.card'))
  if(getComputedStyle(e).breakInside==='avoid')bad.push('pages left empty');
return bad;
"""

NEED_NAMES = {
    "button", "textbox", "searchbox", "image", "meter", "group", "link", "list", "heading"
}  # fmt: skip
CONTROLS = "summary,button,input,a[href],[tabindex='0']"


def ask(browser, check):
    """The faults that a check finds in the page that is open."""
    return browser.run(f"(async()=>{{{HELPERS}{check}}})()")


def unnamed(browser):
    """Roles of what a screen reader meets without a name."""
    tree = browser.tree()
    assert {"main", "heading", "button"} <= {role for role, _ in tree}
    named_by_content = {"list", "group"}
    return [r for r, name in tree if r in NEED_NAMES - named_by_content and not name.strip()]


def unreached(browser, limit=400):
    """Controls that Tab does not reach, or where nothing shows that it has."""
    browser.run(
        f"(()=>{{{HELPERS}document.body.tabIndex=-1;document.body.focus();"
        f'window.left=new Set([...document.querySelectorAll("{CONTROLS}")].filter(seen));'
        "window.blind=[];window.named=named})()"
    )
    for _ in range(limit):
        browser.press("Tab")
        done = browser.run(
            "(()=>{const e=document.activeElement;left.delete(e);if(e===document.body)return true;"
            "const s=getComputedStyle(e);"
            "if(s.outlineStyle==='none'||parseFloat(s.outlineWidth)<2)blind.push(named(e));"
            "return left.size===0})()"
        )
        if done:
            break
    return browser.run("[...left].map(named).concat(blind)")


def becomes(browser, expression):
    """Whether an expression becomes true within a second."""
    return browser.run(
        f"(async()=>{{for(let k=0;k<40&&!({expression});k++)"
        f"await new Promise(r=>setTimeout(r,25));return {expression}}})()"
    )
