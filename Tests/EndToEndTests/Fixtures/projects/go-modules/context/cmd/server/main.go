package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"example.org/router/internal/shelf"
	"github.com/google/uuid"
	"github.com/gorilla/mux"
)

var version = "none"

func main() {
	router := mux.NewRouter()
	router.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, version, os.Getuid())
	})
	router.HandleFunc("/books/{title:[a-z]+}", func(w http.ResponseWriter, r *http.Request) {
		title := mux.Vars(r)["title"]
		fmt.Fprintln(w, shelf.Find(title), uuid.NewSHA1(uuid.NameSpaceURL, []byte(title)))
	})
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), router))
}
