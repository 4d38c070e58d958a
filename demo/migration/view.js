/** What all three pages show, and how a note is added: the part of the app that the migration does not touch. */

export function show(notes) {
  const item = ({id, body}) => Object.assign(document.createElement('li'), {id, textContent: body});
  const sorted = [...notes].sort((a, b) => (a.id < b.id ? -1 : 1));
  document.querySelector('#notes').replaceChildren(...sorted.map(item));
}

export function tell(status) {
  document.querySelector('#status').textContent = status;
}

/** @param add is given the note and what to send for it */
export function onAdd(add) {
  document.querySelector('#add').addEventListener('submit', event => {
    event.preventDefault();
    const {body} = event.target.elements;
    const note = {id: crypto.randomUUID(), body: body.value};
    body.value = '';
    add(note);
  });
}
