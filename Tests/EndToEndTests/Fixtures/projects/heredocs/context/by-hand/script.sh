#!/bin/sh
echo "$NAME: $(cat /srv/www/page.html)"
