// What the page itself notes, in milliseconds since it was opened: when its first rows are painted, when each key in the search box
// goes down, and when the table is painted with the answer to it.
(() => {
  const noted = { firstRows: null, keys: [], requests: [] };
  globalThis.noted = noted;
  let down = 0;

  // A message that is sent in a frame arrives once that frame has been painted.
  const painted = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      requestAnimationFrame(() => port2.postMessage(null));
    });

  globalThis.until = async (holds) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
    return holds();
  };

  const shown = () => {
    const rows = [...document.querySelectorAll("main tbody tr, main p.state")];
    return rows.map((row) => row.textContent.toLowerCase());
  };

  // The page is no longer busy while its address has this term: that is the answer to the term's last key.
  const answered = async () => {
    const term = new URLSearchParams(location.search).get("search");
    const key = noted.keys.findLast((one) => one.term === term && !one.rows);
    if (!key || document.querySelector("main")?.ariaBusy !== "false") return;
    key.rows = shown();
    key.painted = await painted();
  };

  const first = async () => {
    noted.firstRows = 0;
    noted.firstRows = await painted();
  };

  new MutationObserver((changes) => {
    if (noted.firstRows === null && document.querySelector("main tbody tr")) first();
    if (changes.some((change) => change.attributeName === "aria-busy")) answered();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["aria-busy"] });

  new PerformanceObserver((list) => {
    for (const { name, startTime, responseEnd } of list.getEntries())
      if (name.endsWith("/graphql")) noted.requests.push([startTime, responseEnd]);
  }).observe({ type: "resource" });

  addEventListener("keydown", (event) => { down = event.timeStamp; }, true);
  addEventListener("input", ({ target }) => { noted.keys.push({ term: target.value, down, rows: null, painted: null }); }, true);
})();
