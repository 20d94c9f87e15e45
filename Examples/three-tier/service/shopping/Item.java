package shopping;

/** A line of the shopping list. */
record Item(long id, String text) {}
