Gem::Specification.new do |spec|
  spec.name = "greeting"
  spec.version = "1.0.0"
  spec.summary = "Greets"
  spec.authors = ["Example"]
  spec.files = Dir["lib/**/*.rb"]
  spec.add_dependency "checksums", "1.0.0"
end
