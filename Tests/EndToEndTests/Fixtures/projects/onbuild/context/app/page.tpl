mode is {mode}
