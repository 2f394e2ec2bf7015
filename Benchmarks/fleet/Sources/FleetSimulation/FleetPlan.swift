import Foundation

/// A client's device, as it truly is.
package struct PlannedClient: Sendable {
    /// The place of its class in ``FleetClass/all``.
    package let classIndex: Int
    /// What inferences take, as a multiple of what they take on devices of its class.
    package let slowness: Double
}

/// One visit of one client: what it asks for and when.
package struct PlannedSession: Sendable {
    /// The place of the client in the plan.
    package let client: Int
    /// When the page begins to load, in milliseconds.
    package let beginMs: Double
    /// Whether it looks through a camera.
    package let isLive: Bool
    /// When requests come, in milliseconds after the first answer, in a live session after the page is there; the
    /// first is 0 and comes as soon as the page is there.
    package let offsetsMs: [Double]
    /// Whether the browser's cache was emptied before.
    package let isCacheLost: Bool
    /// Bytes of the three parts of the page, which tell the monitor about the network.
    package let pageBytes: [Double]
}

/// All that happens whatever the policy is: clients, sessions, requests.
package struct FleetPlan: Sendable {
    /// The fleet.
    package let clients: [PlannedClient]
    /// By time.
    package let sessions: [PlannedSession]

    /// Requests of all sessions.
    package var requestCount: Int { sessions.reduce(0) { $0 + $1.offsetsMs.count } }

    /// How busy a time is, as a multiple of the average.
    package static func load(atMs ms: Double, _ options: WorldOptions) -> Double {
        let hour = ms / 3_600_000
        return 1 + options.diurnalSwing * cos(2 * .pi * (hour - options.busiestHour) / 24)
    }

    /// The fleet of a seed.
    package init(seed: UInt64, options: WorldOptions) {
        var clients: [PlannedClient] = []
        var sessions: [PlannedSession] = []
        let begin = options.beginHour * 3_600_000
        let end = begin + options.hours * 3_600_000
        let most = 1 + options.diurnalSwing
        for index in 0..<options.clients {
            var random = SeededRandom(seed, Purpose.device.rawValue, UInt64(index))
            clients.append(
                PlannedClient(
                    classIndex: random.choice(FleetClass.all.map(\.share)),
                    slowness: random.logNormal(options.deviceDeviation)))
            random = SeededRandom(seed, Purpose.plan.rawValue, UInt64(index))
            // A Poisson process with a rate that changes: candidates at the highest rate, thinned.
            var time = begin
            while true {
                time += random.exponential(86_400_000 / (options.sessionsPerDay * most))
                guard time < end else { break }
                let isKept = random.uniform() * most < Self.load(atMs: time, options)
                if isKept {
                    sessions.append(
                        Self.session(of: index, beginMs: time, options: options, &random))
                }
            }
        }
        self.clients = clients
        self.sessions = sessions.sorted {
            ($0.beginMs, $0.client) < ($1.beginMs, $1.client)
        }
    }

    private static func session(
        of client: Int, beginMs: Double, options: WorldOptions, _ random: inout SeededRandom
    ) -> PlannedSession {
        let isLive = random.uniform() < options.liveShare
        let count = random.geometric(isLive ? options.liveRequests : options.tapRequests)
        var offsets = [0.0]
        for _ in 1..<max(1, count) {
            let pause =
                isLive ? options.liveIntervalMs : random.exponential(options.tapIntervalMs)
            offsets.append(offsets[offsets.count - 1] + pause)
        }
        return PlannedSession(
            client: client, beginMs: beginMs, isLive: isLive, offsetsMs: offsets,
            isCacheLost: random.uniform() < options.cacheLoss,
            pageBytes: [20_000, 60_000, 200_000].map { $0 * random.logNormal(0.3) })
    }
}
