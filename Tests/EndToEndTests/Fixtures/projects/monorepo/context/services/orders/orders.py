from money import text


def total(lines):
    return text(sum(cents for _, cents in lines))
