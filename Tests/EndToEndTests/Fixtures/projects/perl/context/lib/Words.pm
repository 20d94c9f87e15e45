package Words;
use v5.36;

sub count ($text) { scalar(() = $text =~ /\w+/g) }

1;
