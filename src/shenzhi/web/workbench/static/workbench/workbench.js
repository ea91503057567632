// Keys of the desk: j and k or the arrows move, Enter opens, x selects, n and p leaf through cases, ? explains.
(() => {
  const rows = [...document.querySelectorAll("[data-rows] tbody tr")];
  const link = (row) => row.querySelector("th a");
  const at = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (selector) => {
    const found = document.querySelector(selector);
    if (found) location.assign(found.href);
  };
  const move = (step) => {
    const now = at();
    const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, now + step))];
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const { key } = event;
    if (rows.length && (key === "j" || key === "k")) move(key === "j" ? 1 : -1);
    else if (rows.length && at() >= 0 && (key === "ArrowDown" || key === "ArrowUp")) move(key === "ArrowDown" ? 1 : -1);
    else if (rows.length && at() >= 0 && key === "x") rows[at()].querySelector("input[type=checkbox]")?.click();
    else if (key === "n") go("[data-next]");
    else if (key === "p") go("[data-before]");
    else if (key === "u") go(".crumbs a");
    else if (key === "?") go("[data-keys]");
    else return;
    event.preventDefault();
  });
})();
