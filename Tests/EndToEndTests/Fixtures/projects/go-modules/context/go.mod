module example.org/router

go 1.19

require (
	github.com/google/uuid v1.3.0
	github.com/gorilla/mux v1.8.0
)

replace (
	github.com/google/uuid => /usr/share/gocode/src/github.com/google/uuid
	github.com/gorilla/mux => /usr/share/gocode/src/github.com/gorilla/mux
)
