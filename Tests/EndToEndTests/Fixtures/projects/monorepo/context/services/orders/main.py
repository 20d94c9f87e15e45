from orders import total

print(open("terms.txt").read().strip(), total([("a", 150), ("b", 275)]))
