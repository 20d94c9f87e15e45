package main

import (
	"fmt"
	"io"
	"os"

	"example.org/count"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--help" {
		fmt.Println("words: counts the words of its input; user", os.Getuid())
		return
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		os.Exit(1)
	}
	fmt.Println(count.Words(string(text)))
}
