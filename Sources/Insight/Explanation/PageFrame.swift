import OCI

/// What every report for browsers has around its content: style, script, and the rule that nothing is fetched.
enum PageFrame {
    static func head(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(XML.escaped(title))</title>
        <style>
        \(style)</style>
        </head>
        <body>
        <main>

        """
    }

    /// Shown where a script can make something of it.
    static func controls(_ groupings: [String]) -> String {
        let options = groupings.map { "<option\($0 == "instruction" ? " selected" : "")>\(XML.escaped($0))</option>" }
            .joined()
        return "<form id=\"controls\" hidden><label>Put together by <select id=\"by\">\(options)</select></label>\n"
            + "<label>Find <input id=\"find\" type=\"search\" autocomplete=\"off\"></label>\n<button id=\"up\" type=\"button\">Out</button></form>\n"
    }

    /// - Parameter data: what the script reads; text in it is shown as text only.
    static func end(_ data: JSON) -> String {
        // A browser ends the block at the first `</script`, wherever it stands.
        let json = data.text.replacing("<", with: "\\u003c").replacing("\u{2028}", with: "\\u2028").replacing(
            "\u{2029}", with: "\\u2029")
        return
            "</main>\n<script type=\"application/json\" id=\"data\">\(json)</script>\n<script>\n\(script)</script>\n</body>\n</html>\n"
    }

    /// Reasons are told apart by patterns too, for those who see colours alike.
    static let patterns = """
        <defs><pattern id="p1" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 8 8 0" class="p"/></pattern>
        <pattern id="p2" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 0 8 8" class="p"/></pattern>
        <pattern id="p3" width="8" height="8" patternUnits="userSpaceOnUse"><path d="M0 4H8" class="p"/></pattern></defs>

        """

    private static let style = """
        :root{--ink:#161616;--paper:#fff;--line:#8a8a8a;--soft:#f1f1f1;--mark:#8f1d1d}
        @media (prefers-color-scheme:dark){:root{--ink:#f2f2f2;--paper:#161616;--line:#7b7b7b;--soft:#262626;--mark:#ffb3a8}}
        body{font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0}
        main{max-width:1400px;margin:0 auto;padding:1rem}
        h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.2rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
        .map{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:1rem}
        @media (max-width:900px){.map{grid-template-columns:1fr}}
        svg{width:100%;height:auto;background:var(--soft)}
        svg rect{stroke:var(--paper);stroke-width:1}
        svg text{font:13px system-ui,sans-serif;fill:#111;pointer-events:none}
        svg .p{stroke:#111;stroke-opacity:.28;fill:none}
        svg [role=treeitem]:focus{outline:none}svg [role=treeitem]:focus rect:first-of-type{stroke:#000;stroke-width:5}
        svg .miss{opacity:.25}
        .side{max-height:36rem;overflow:auto}
        table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600}
        th,td{text-align:left;vertical-align:top;padding:.2rem .5rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:.5rem;margin:.3rem 0}
        form{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0}form[hidden]{display:none}
        select,input,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);padding:.2rem .5rem}
        .r0{fill:#9fd3a8}.r1{fill:#a8c8f0}.r2{fill:#c9dcf5}.r3{fill:#f3d48a}.r4{fill:#dcd0f0}.r5{fill:#f0b8c8}.r6{fill:#f5cfe0}
        .r7{fill:#e8c9a0}.r8{fill:#f2a990}.r9{fill:#b8e0d8}.r10{fill:#d6e5a3}.r11{fill:#d5d5d5}.r12{fill:#e6e6e6}.r13{fill:#e08a80}
        .add{color:#0b5d1e}.gone{color:var(--mark)}@media (prefers-color-scheme:dark){.add{color:#8fe0a0}}
        @media print{form,.side{max-height:none}form{display:none}}

        """

    private static let script = """
        'use strict';
        (function(){
        var data=JSON.parse(document.getElementById('data').textContent);
        var map=document.getElementById('map'),rows=document.querySelector('#rows tbody'),way=document.getElementById('way');
        var by=document.getElementById('by'),find=document.getElementById('find'),up=document.getElementById('up');
        var ns='http://www.w3.org/2000/svg',W=1000,H=560,stack=[];
        document.getElementById('controls').hidden=false;
        map.setAttribute('role','tree');
        function size(b){var u=['B','kB','MB','GB','TB'],i=0;while(Math.abs(b)>=1000&&i<4){b/=1000;i++}return (i?b.toPrecision(3):b)+u[i]}
        function share(b){return data.total?(b/data.total*100).toFixed(1)+' %':'0 %'}
        function layout(list,x,y,w,h){
        var total=list.reduce(function(s,n){return s+Math.max(0,n.b)},0),out=[],k=total>0?w*h/total:0,i=0;
        function worst(a,b,s,side){return Math.max(side*side*a/(s*s),s*s/(side*side*b))}
        while(i<list.length&&list[i].b>0){
        var side=Math.min(w,h);if(side<=0)break;
        var j=i+1,s=list[i].b*k;
        while(j<list.length&&list[j].b>0&&worst(list[i].b*k,list[j].b*k,s+list[j].b*k,side)<=worst(list[i].b*k,list[j-1].b*k,s,side)){s+=list[j].b*k;j++}
        var t=s/side,o=0,wide=w>=h;
        for(;i<j;i++){var l=list[i].b*k/s*side;out.push(wide?{n:list[i],x:x,y:y+o,w:t,h:l}:{n:list[i],x:x+o,y:y,w:l,h:t});o+=l}
        if(wide){x+=t;w-=t}else{y+=t;h-=t}}
        return out}
        function element(name,attributes,text){var e=document.createElementNS(ns,name);for(var k in attributes)e.setAttribute(k,attributes[k]);if(text!==undefined)e.textContent=text;return e}
        function current(){return stack.length?stack[stack.length-1]:{n:by.value,c:data.trees[by.value]||[],b:data.total}}
        function matches(n,q){if(!q)return true;if(n.n.toLowerCase().indexOf(q)>=0)return true;return (n.c||[]).some(function(c){return matches(c,q)})}
        function draw(focus){
        var node=current(),list=(node.c||[]).slice().sort(function(a,b){return b.b-a.b}),q=find.value.toLowerCase();
        while(map.lastChild&&map.lastChild.nodeName!=='defs')map.removeChild(map.lastChild);
        map.setAttribute('aria-label','Bytes by '+by.value);
        layout(list,0,0,W,H).forEach(function(p,i){
        var g=element('g',{role:'treeitem',tabindex:i===0?0:-1,'aria-label':p.n.n+', '+size(p.n.b)+', '+share(p.n.b)+', '+(data.reasons[p.n.r]||'')});
        if(p.n.c)g.setAttribute('aria-expanded','false');
        if(!matches(p.n,q))g.setAttribute('class','miss');
        g.appendChild(element('title',{},p.n.n+': '+size(p.n.b)+' ('+share(p.n.b)+') '+(data.reasons[p.n.r]||'')));
        g.appendChild(element('rect',{x:p.x,y:p.y,width:p.w,height:p.h,'class':'r'+p.n.r}));
        if(p.n.r%4)g.appendChild(element('rect',{x:p.x,y:p.y,width:p.w,height:p.h,fill:'url(#p'+(p.n.r%4)+')'}));
        if(p.w>60&&p.h>20)g.appendChild(element('text',{x:p.x+5,y:p.y+16},p.n.n.slice(0,Math.max(3,Math.floor(p.w/7.5)))));
        if(p.w>60&&p.h>38)g.appendChild(element('text',{x:p.x+5,y:p.y+32},size(p.n.b)));
        g.addEventListener('click',function(){enter(p.n)});
        g.addEventListener('keydown',function(e){key(e,g,p.n)});
        map.appendChild(g)});
        while(rows.firstChild)rows.removeChild(rows.firstChild);
        list.filter(function(n){return matches(n,q)}).forEach(function(n){var r=document.createElement('tr');[n.n,String(n.b),share(n.b)].forEach(function(t,i){var c=document.createElement('td');if(i)c.className='n';c.textContent=t;r.appendChild(c)});rows.appendChild(r)});
        way.textContent=[by.value].concat(stack.map(function(n){return n.n})).join(' › ')+': '+size(node.b);
        up.disabled=!stack.length;
        if(focus){var first=map.querySelector('[role=treeitem]');if(first)first.focus()}}
        function enter(n){if(n.c&&n.c.length){stack.push(n);draw(true)}}
        function leave(){if(stack.length){stack.pop();draw(true)}}
        function key(e,g,n){
        var all=Array.prototype.slice.call(map.querySelectorAll('[role=treeitem]')),i=all.indexOf(g),to=-1;
        if(e.key==='ArrowDown'||e.key==='ArrowRight')to=i+1;else if(e.key==='ArrowUp'||e.key==='ArrowLeft')to=i-1;
        else if(e.key==='Home')to=0;else if(e.key==='End')to=all.length-1;
        else if(e.key==='Enter'||e.key===' '){e.preventDefault();return enter(n)}
        else if(e.key==='Escape'||e.key==='Backspace'){e.preventDefault();return leave()}else return;
        e.preventDefault();
        if(all[to]){g.setAttribute('tabindex',-1);all[to].setAttribute('tabindex',0);all[to].focus()}}
        by.addEventListener('change',function(){stack=[];draw(false)});
        find.addEventListener('input',function(){draw(false)});
        up.addEventListener('click',leave);
        document.getElementById('controls').addEventListener('submit',function(e){e.preventDefault()});
        draw(false);
        })();

        """
}
