// Tables sort by a click on a column's name; aria-sort says how they are sorted.
function number(cell) {
  const found = cell.replace(/[~,]/g, "").match(/^[+-]?\d+(\.\d+)?/);
  return found ? Number(found[0]) : null;
}

function sort(table, column, down) {
  const body = table.tBodies[0], rows = [...body.rows];
  const text = (row) => row.cells[column].textContent.trim();
  const empty = (row) => ["–", "-", ""].includes(text(row));
  const numbers = rows.every((row) => empty(row) || number(text(row)) !== null);
  rows.sort((one, other) => {
    if (empty(one) || empty(other)) return empty(one) - empty(other); // what is not known comes last
    const order = numbers ? number(text(one)) - number(text(other)) : text(one).localeCompare(text(other), "en", { numeric: true });
    return down ? -order : order;
  });
  body.append(...rows);
  [...table.tHead.rows[0].cells].forEach((cell, place) => {
    if (place === column) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
}

for (const table of document.querySelectorAll("main table")) {
  if (table.tBodies.length === 0 || table.tBodies[0].rows.length < 3) continue;
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => sort(table, column, cell.getAttribute("aria-sort") === "ascending"));
  });
}
