#!/usr/bin/perl
use Mojolicious::Lite -signatures;
use Words;

get '/count' => sub ($c) { $c->render(json => {words => Words::count($c->param('text')), user => $>}) };
get '/hello/:name' => sub ($c) { $c->render(template => 'hello page', name => $c->param('name')) };

app->start;
