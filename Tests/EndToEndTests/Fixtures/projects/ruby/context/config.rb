PORT = Integer(ENV.fetch("PORT", "4567"))
