<?php

require __DIR__ . '/../vendor/autoload.php';

header('Content-Type: application/json');
echo json_encode(Shop\Page::answer($_SERVER['REQUEST_URI']), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
