require "mkmf"

create_makefile("checksums")
