import os

from money import text

print(open("/srv/orders.txt").read().strip(), text(99999), sorted(os.listdir("/lib/common")))
