package org.example;

import static org.junit.Assert.assertEquals;

import java.util.Map;
import org.junit.Test;

public class InventoryTest {
    @Test
    public void isSorted() {
        assertEquals("{\"a\":1,\"b\":2}", Inventory.answer(Map.of("b", 2, "a", 1)));
    }
}
