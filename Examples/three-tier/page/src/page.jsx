import { useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import * as requests from "./requests.js";
import "./page.css";

// Others write on the same list, and a database that was away comes back: the page looks again this often.
const secondsBetweenLooks = 3;

function NewItem({ onAdd }) {
    const [text, setText] = useState("");

    async function submit(event) {
        event.preventDefault();
        setText(""); // the next item can be written while this one is on its way
        if (!(await onAdd(text))) setText((written) => written || text);
    }

    return (
        <form onSubmit={submit}>
            <input aria-label="New item" placeholder="What is needed?" maxLength={200} autoFocus
                value={text} onChange={(event) => setText(event.target.value)} />
            <button disabled={text.trim() === ""}>Add</button>
        </form>
    );
}

function Items({ items, onRemove }) {
    if (items === null) return <p className="hint">Loading…</p>;
    if (items.length === 0) return <p className="hint">Nothing is needed.</p>;
    return (
        <ul>
            {items.map(({ id, text }) => (
                <li key={id}>
                    <span>{text}</span>
                    <button aria-label={`Delete ${text}`} onClick={() => onRemove(id)}>×</button>
                </li>
            ))}
        </ul>
    );
}

function ShoppingList() {
    const [items, setItems] = useState(null); // null until the first answer
    const [away, setAway] = useState(null); // why the list cannot be read
    const [refusal, setRefusal] = useState(null); // why the last change was not made

    const look = useCallback(async () => {
        try {
            setItems(await requests.list());
            setAway(null);
        } catch (error) {
            setAway(error.message);
        }
    }, []);

    useEffect(() => {
        look();
        const timer = setInterval(look, secondsBetweenLooks * 1000);
        return () => clearInterval(timer);
    }, [look]);

    async function change(request) {
        try {
            await request;
            setRefusal(null);
            return true;
        } catch (error) {
            if (error.passes) setAway(error.message);
            else setRefusal(error.message);
            return false;
        } finally {
            await look();
        }
    }

    return (
        <>
            <h1>Shopping list</h1>
            <NewItem onAdd={(text) => change(requests.add(text))} />
            {(away ?? refusal) && <p role="alert">{away ?? refusal}</p>}
            {(items !== null || !away) && <Items items={items} onRemove={(id) => change(requests.remove(id))} />}
        </>
    );
}

createRoot(document.getElementById("list")).render(<ShoppingList />);
