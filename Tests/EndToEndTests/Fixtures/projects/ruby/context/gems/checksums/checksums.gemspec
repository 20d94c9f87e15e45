Gem::Specification.new do |spec|
  spec.name = "checksums"
  spec.version = "1.0.0"
  spec.summary = "Sums bytes, in C"
  spec.authors = ["Example"]
  spec.files = Dir["lib/**/*.rb", "ext/**/*.{rb,c}"]
  spec.extensions = ["ext/checksums/extconf.rb"]
end
