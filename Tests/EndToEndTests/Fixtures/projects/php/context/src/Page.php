<?php

namespace Shop;

use Price\Price;

final class Page
{
    public static function answer(string $path): array
    {
        file_put_contents('cache/last', $path);
        return ['price' => Price::text((int) ltrim($path, '/')), 'limit' => ini_get('memory_limit'), 'user' => getmyuid(), 'last' => file_get_contents('cache/last')];
    }
}
