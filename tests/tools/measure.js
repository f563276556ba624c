// Measures a page as a browser lays it out, and tells the window that frames it, as JSON: its size, what
// the first screen shows, and what does not fit. The frame has exactly the size that is asked for.
(() => {
    const root = document.documentElement;
    const found = (selector) => [...document.querySelectorAll(selector)].map((element) => {
        const box = element.getBoundingClientRect();
        return { text: element.innerText.trim(), top: box.top, bottom: box.bottom, right: box.right };
    });
    const isClipped = (element) => {
        const style = getComputedStyle(element);
        return style.overflowX !== "visible" && style.overflowX !== "auto"
            && element.scrollWidth > element.clientWidth + 1;
    };
    const answer = {
        width: root.clientWidth,
        screen: innerHeight,
        height: root.scrollHeight,
        wide: root.scrollWidth > root.clientWidth,
        headline: found("h1"),
        figures: found(".figure"),
        segments: found(".strip a"),
        sentences: found(".sentences li"),
        links: document.querySelectorAll(".front a[href^='#']").length,
        clipped: [...document.querySelectorAll("main td, main th, .strip a")].filter(isClipped).length,
        outside: [...document.querySelectorAll("main table, main figure")].filter((element) =>
            element.getBoundingClientRect().width > 0 && !element.closest(".region-scroll")
            && element.getBoundingClientRect().right > root.clientWidth + 1).length,
    };
    parent.postMessage(JSON.stringify(answer), "*");
})();
