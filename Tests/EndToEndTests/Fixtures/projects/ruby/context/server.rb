require "bundler/setup" if false
require_relative "config"
$LOAD_PATH.unshift(*Dir["#{ENV["BUNDLE_PATH"]}/ruby/*/gems/*/lib"], *Dir["#{ENV["BUNDLE_PATH"]}/ruby/*/extensions/*/*/*"])
require "greeting"
require "socket"

trap("TERM") { exit!(0) }
server = TCPServer.new(PORT)
loop do
  client = server.accept
  name = client.gets.to_s.split[1].to_s.delete_prefix("/")
  body = "#{Greeting.to(name)} #{Process.uid}"
  client.write("HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}")
  client.close
end
