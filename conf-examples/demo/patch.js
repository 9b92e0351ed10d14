/*
 * Changes the children of an element, from its "first" one on, to these nodes.
 * Unchanged nodes stay untouched: a growing answer keeps its selection and
 * its scrolled code blocks.
 */

export function patch(element, nodes, first = 0) {
    const { childNodes } = element;

    while (childNodes.length > first + nodes.length) {
        element.lastChild.remove();
    }

    nodes.forEach((node, i) => {
        const old = childNodes[first + i];

        if (old === undefined) {
            element.append(node);

        } else if (isText(old) && isText(node)) {
            patchText(old, node.data);

        } else if (match(old, node)) {
            patch(old, [...node.childNodes]);

        } else {
            old.replaceWith(node);
        }
    });
}


function patchText(node, text) {
    if (text === node.data) {
        return;
    }

    if (text.startsWith(node.data)) {
        node.appendData(text.slice(node.data.length));

    } else {
        node.data = text;
    }
}


function isText(node) {
    return node.nodeType === Node.TEXT_NODE;
}


/* the same element, whatever is in it */

function match(a, b) {
    return !isText(a) && a.cloneNode(false).isEqualNode(b.cloneNode(false));
}
