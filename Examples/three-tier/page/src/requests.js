// Requests to the service. What fails is an Error whose message is meant for the reader.

async function request(method, path, body) {
    let response;
    try {
        response = await fetch(path, {
            method,
            headers: body ? { "Content-Type": "application/json" } : {},
            body: body && JSON.stringify(body),
        });
    } catch {
        throw new Error("The service cannot be reached.");
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => null);
    if (!response.ok || !answer) throw new Error(answer?.error ?? `The service answered with ${response.status}.`);
    return answer;
}

export const list = async () => (await request("GET", "/api/items")).items;
export const add = (text) => request("POST", "/api/items", { text });
export const remove = (id) => request("DELETE", `/api/items/${id}`);
