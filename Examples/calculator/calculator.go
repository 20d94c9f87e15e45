// A calculator that reads one sum a line, as in "1 + 2", and prints each result.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

const greeting = `A small calculator. Type a sum such as "1 + 2"; "exit" ends.`

func main() {
	if err := calculate(os.Stdin, os.Stdout, isTerminal(os.Stdin)); err != nil {
		fmt.Fprintln(os.Stderr, "calculator:", err)
		os.Exit(1)
	}
}

// calculate answers the lines of in until "exit" or the end of the input.
func calculate(in io.Reader, out io.Writer, interactive bool) error {
	prompt := ""
	if interactive {
		fmt.Fprintln(out, greeting)
		prompt = "> "
	}
	lines := bufio.NewScanner(in)
	for {
		fmt.Fprint(out, prompt)
		if !lines.Scan() {
			break
		}
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		if line == "exit" {
			return nil
		}
		result, err := evaluate(line)
		if err != nil {
			fmt.Fprintln(out, "error:", err)
			continue
		}
		fmt.Fprintln(out, result)
	}
	if interactive {
		fmt.Fprintln(out)
	}
	return lines.Err()
}

// evaluate computes "number operator number".
func evaluate(line string) (float64, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return 0, errors.New(`expected a sum such as "1 + 2"`)
	}
	left, err := number(fields[0])
	if err != nil {
		return 0, err
	}
	right, err := number(fields[2])
	if err != nil {
		return 0, err
	}
	var result float64
	switch fields[1] {
	case "+":
		result = left + right
	case "-":
		result = left - right
	case "*":
		result = left * right
	case "/":
		if right == 0 {
			return 0, errors.New("division by zero")
		}
		result = left / right
	default:
		return 0, fmt.Errorf("unknown operator %q: use + - * or /", fields[1])
	}
	if math.IsInf(result, 0) {
		return 0, errors.New("the result is too large")
	}
	return result, nil
}

func number(text string) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return value, nil
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
