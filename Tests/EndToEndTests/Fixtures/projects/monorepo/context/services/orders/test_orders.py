import unittest

from orders import total


class Total(unittest.TestCase):
    def test_sums(self):
        self.assertEqual(total([("a", 1), ("b", 99)]), "1.00")
