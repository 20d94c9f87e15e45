import Testing

@testable import Compose

/// Each test is a story: what happens, and what is to be done then.
@Suite struct SupervisionTests {
    private static let tiers = """
        services:
          web: {image: i, depends_on: {api: {condition: service_healthy}}}
          api: {image: i, depends_on: [db, init]}
          init: {image: i}
          db: {image: i, restart: always}
        """

    private func supervision(
        _ text: String = tiers, probed: Set<String> = ["api"], ending: Supervision.Ending = .whenAllHaveEnded,
        waits: Bool = false
    ) throws -> Supervision {
        try Supervision(project(text), probed: probed, ending: ending, waitsForHealth: waits)
    }

    private static func ended(_ name: String, _ code: Int32 = 0, after seconds: Int = 1) -> Supervision.Event {
        .exited(name, code: code, ran: .seconds(seconds))
    }

    @Test func startsInOrderAndStopsInReverse() throws {
        var run = try supervision()
        #expect(run.handle(.began) == [.start("db"), .start("init")])
        #expect(run.handle(.started("db")) == [])
        #expect(run.handle(.started("init")) == [.start("api")])
        #expect(run.handle(.started("api")) == [])
        #expect(run.states["api"]?.health == .starting)
        #expect(run.handle(.examined("api", .healthy)) == [.start("web")])
        #expect(run.handle(.started("web")) == [.ready])
        #expect(run.handle(.stopAsked) == [.stop("web")])
        #expect(run.handle(.graceEnded("web")) == [.kill("web")])
        #expect(run.handle(Self.ended("web", 137)) == [.stop("api")])
        #expect(run.handle(Self.ended("api")) == [.stop("db"), .stop("init")] || run.states["db"]?.status == .stopping)
        #expect(run.handle(Self.ended("db")) == [])
        #expect(run.handle(Self.ended("init")) == [.end])
        #expect(run.failure == nil)
    }

    @Test func restartsWithLongerPauses() throws {
        var run = try supervision("services: {a: {image: i, restart: always}}", probed: [])
        _ = run.handle(.began)
        for milliseconds in [100, 200, 400] {
            _ = run.handle(.started("a"))
            #expect(run.handle(Self.ended("a", 1)) == [.restart("a", after: .milliseconds(milliseconds))])
            #expect(run.handle(.restartDue("a")) == [.start("a")])
        }
        _ = run.handle(.started("a"))
        #expect(run.handle(Self.ended("a", 1, after: 11)) == [.restart("a", after: .milliseconds(100))])
        #expect(run.handle(.stopAsked) == [.end])
        #expect(run.handle(.restartDue("a")) == [])
    }

    @Test(arguments: [
        ("\"no\"", 1, 0), ("on-failure", 0, 0), ("on-failure:2", 1, 2), ("unless-stopped", 0, 5), ("on-failure", 3, 5),
    ])
    func restartsAsThePolicySays(policy: String, code: Int32, times: Int) throws {
        var run = try supervision("services: {a: {image: i, restart: \(policy)}}", probed: [])
        _ = run.handle(.began)
        var count = 0
        for _ in 0..<5 {
            _ = run.handle(.started("a"))
            guard case .restart = run.handle(Self.ended("a", code)).first else { break }
            count += 1
            _ = run.handle(.restartDue("a"))
        }
        #expect(count == times)
    }

    @Test func endsWhenADependencyCannotBeMet() throws {
        var unhealthy = try supervision()
        for event in [Supervision.Event.began, .started("db"), .started("init"), .started("api")] {
            _ = unhealthy.handle(event)
        }
        #expect(unhealthy.handle(.examined("api", .unhealthy)) == [.stop("api")])
        #expect(unhealthy.failure == .unhealthy("api", dependent: "web"))

        var ended = try supervision(
            "services:\n  a: {image: i, depends_on: {b: {condition: service_completed_successfully}}}\n  b: {image: i}\n",
            probed: [])
        _ = ended.handle(.began)
        _ = ended.handle(.started("b"))
        #expect(ended.handle(Self.ended("b", 3)) == [.end])
        #expect(ended.failure == .ended("b", code: 3, dependent: "a"))

        var optional = try supervision(
            "services:\n  a: {image: i, depends_on: {b: {condition: service_completed_successfully, required: false}}}\n  b: {image: i}\n",
            probed: [])
        _ = optional.handle(.began)
        _ = optional.handle(.started("b"))
        #expect(optional.handle(Self.ended("b", 3)) == [.start("a")])
    }

    @Test func completesBeforeItStartsTheNext() throws {
        var run = try supervision(
            "services:\n  a: {image: i, depends_on: {b: {condition: service_completed_successfully}}}\n  b: {image: i}\n",
            probed: [])
        #expect(run.handle(.began) == [.start("b")])
        #expect(run.handle(.started("b")) == [])
        #expect(run.handle(Self.ended("b")) == [.start("a")])
        #expect(run.handle(.started("a")) == [.ready])
        #expect(run.handle(Self.ended("a")) == [.end])
    }

    @Test func stopsAllWhenOneCannotStart() throws {
        var run = try supervision()
        _ = run.handle(.began)
        _ = run.handle(.started("db"))
        #expect(run.handle(.failed("init")) == [.stop("db")])
        #expect(run.failure == .cannotStart("init"))
        #expect(run.handle(Self.ended("db")) == [.end])
    }

    @Test func stopsOneThatIsStartingWhenItIsThere() throws {
        var run = try supervision("services: {a: {image: i}}", probed: [])
        _ = run.handle(.began)
        #expect(run.handle(.stopAsked) == [])
        #expect(run.handle(.started("a")) == [.stop("a")])
        #expect(run.handle(Self.ended("a")) == [.end])
    }

    @Test func killsAllWhenItIsAskedTwice() throws {
        var run = try supervision("services: {a: {image: i}, b: {image: i, depends_on: [a]}}", probed: [])
        for event in [Supervision.Event.began, .started("a"), .started("b"), .stopAsked] { _ = run.handle(event) }
        #expect(run.handle(.killAsked) == [.kill("b"), .kill("a")])
    }

    @Test func abortsWhenOneEnds() throws {
        var run = try supervision(
            "services: {a: {image: i, restart: always}, b: {image: i}}", probed: [], ending: .whenOneHasEnded)
        for event in [Supervision.Event.began, .started("a"), .started("b")] { _ = run.handle(event) }
        #expect(run.handle(Self.ended("a", 4)) == [.stop("b")])
        #expect(run.handle(Self.ended("b", 143)) == [.end])
        #expect(run.firstEnded?.code == 4)
    }

    @Test func waitsForHealthWhereItIsAsked() throws {
        var run = try supervision("services: {a: {image: i}, b: {image: i}}", probed: ["b"], waits: true)
        for event in [Supervision.Event.began, .started("a")] { _ = run.handle(event) }
        #expect(run.handle(.started("b")) == [])
        #expect(run.handle(.examined("b", .healthy)) == [.ready])

        var failing = try supervision("services: {b: {image: i}}", probed: ["b"], waits: true)
        for event in [Supervision.Event.began, .started("b")] { _ = failing.handle(event) }
        #expect(failing.handle(.examined("b", .unhealthy)) == [.stop("b")])
        #expect(failing.failure == .unhealthy("b", dependent: nil))
    }
}
