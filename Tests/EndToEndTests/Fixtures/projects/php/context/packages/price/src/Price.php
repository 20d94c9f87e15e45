<?php

namespace Price;

final class Price
{
    public static function text(int $cents): string
    {
        return sprintf('%d,%02d €', intdiv($cents, 100), $cents % 100);
    }
}
