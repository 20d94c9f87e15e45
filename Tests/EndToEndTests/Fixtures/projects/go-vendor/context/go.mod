module example.org/words

go 1.19

require example.org/count v1.2.0
