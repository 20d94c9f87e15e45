require "checksums"

module Greeting
  def self.to(name) = "Grüß dich, #{name} #{Checksums.sum(name)}"
end
