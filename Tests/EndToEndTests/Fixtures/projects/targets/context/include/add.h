long add(int count, char **words);
