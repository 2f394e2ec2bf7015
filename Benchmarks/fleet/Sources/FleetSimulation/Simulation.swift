import Foundation
package import RuntimeAdapter

/// One fleet under one policy, from event to event; no clock but its own.
package struct Simulation {
    let policy: Policy
    let options: WorldOptions
    let plan: FleetPlan
    let truth: Truth
    let family: String
    let seed: UInt64
    /// The place of the variant that the fixed policy of middle size serves.
    let middle: Int
    /// By class of the fleet: the place of the variant that its profile asks for.
    let ofProfile: [Int]
    let selector: VariantSelector

    var clients: [Client]
    var sessions: [SessionState?]
    var queue = EventQueue()
    var cloud: CloudQueue
    var egressFreeMs = 0.0
    /// What the cloud takes from a request's arrival to its answer, as a running mean.
    var cloudMeanMs: Double
    package private(set) var tally = Tally()

    /// - Parameters:
    ///   - catalogue: what the server has, scaled as the options say.
    ///   - family: whose networks are served.
    /// - Throws: ``FleetError``.
    package init(
        _ policy: Policy, plan: FleetPlan, catalogue: VariantCatalogue, family: String,
        seed: UInt64,
        options: WorldOptions
    ) throws(FleetError) {
        self.policy = policy
        self.options = options
        self.plan = plan
        self.family = family
        self.seed = seed
        let truth = try Truth(catalogue, family: family, seed: seed, options: options)
        self.truth = truth
        ofProfile = FleetClass.all.map { fleetClass in
            truth.candidates.firstIndex {
                $0.reference.hasPrefix("\(family)/\(fleetClass.name):")
            } ?? truth.base
        }
        middle = ofProfile[FleetClass.middle]
        // The selector counts new classes by a real clock, of which a day here takes seconds. By the virtual one it allows ten
        // a second; a fleet that sends measured figures makes 2.5 requests a second in its busiest hour.
        selector = VariantSelector(
            catalogue, options: SelectionOptions(newClassesPerMinute: 1_000_000_000))
        clients = plan.clients.map(Client.init)
        sessions = Array(repeating: nil, count: plan.sessions.count)
        cloud = CloudQueue(workers: options.cloudWorkers)
        cloudMeanMs = truth.cloudMs + options.cloudOverheadMs
    }

    /// Lets the day pass.
    package mutating func run() -> Tally {
        for (index, session) in plan.sessions.enumerated() {
            queue.add(.begin, session: index, atMs: session.beginMs)
        }
        while let entry = queue.next() {
            handle(entry.event, of: entry.session, now: entry.atMs)
        }
        tally.cloudBusyMs = cloud.busyMs
        tally.swaps = clients.reduce(0) { $0 + $1.swaps }
        tally.clients = clients.count
        return tally
    }

    private mutating func handle(_ event: Event, of index: Int, now: Double) {
        switch event {
        case .begin: begin(index, now: now)
        case .pageReady: pageReady(index, now: now)
        case .request(let number): request(number, of: index, now: now)
        case .fetch(let place): fetch(place, in: index, now: now)
        case .loaded(let place, let record): loaded(place, record, in: index, now: now)
        case .cloudArrival(let number): cloudArrival(number, of: index, now: now)
        case .patienceEnds: patienceEnds(index, now: now)
        }
    }

    // MARK: Sessions

    private mutating func begin(_ index: Int, now: Double) {
        let planned = plan.sessions[index]
        let client = clients[planned.client]
        let fleetClass = client.fleetClass
        let trace = SessionTrace(
            of: fleetClass, beginMs: now, options: options,
            random: SeededRandom(seed, Purpose.trace.rawValue, UInt64(index)))
        var random = SeededRandom(seed, Purpose.measurement.rawValue, UInt64(index))
        let speed =
            fleetClass.peakGflops / options.networkScale
            / (truth.slowness(classIndex: client.classIndex) * client.slowness
                * trace.second(at: now).slowdown)
        sessions[index] = SessionState(
            trace: trace, memoryMiB: fleetClass.memoryMiB * (0.25 + 0.75 * random.uniform()),
            measuredGflops: speed * random.logNormal(options.measurementDeviation),
            jitter: SeededRandom(seed, Purpose.jitter.rawValue, UInt64(index)))
        // The page's own parts tell the monitor about the network, as resource timing tells servers.
        var time = now
        for (part, bytes) in planned.pageBytes.enumerated() {
            let trips = part == 0 ? 3.0 : 1
            let end = trace.download(bytes, trips: trips, from: time)
            clients[planned.client].monitor.record(
                Transfer(bytes: Int(bytes), durationMs: end - time, atMs: end, roundTrips: trips))
            time = end
        }
        queue.add(.pageReady, session: index, atMs: time)
    }

    private mutating func pageReady(_ index: Int, now: Double) {
        let planned = plan.sessions[index]
        if planned.isCacheLost { clients[planned.client].loseCache() }
        queue.add(.request(0), session: index, atMs: now)
        // A camera does not wait for answers.
        if planned.isLive { follow(index, from: now) }
        queue.add(.patienceEnds, session: index, atMs: now + options.patienceMs)
        decide(index, now: now)
    }

    private mutating func patienceEnds(_ index: Int, now: Double) {
        guard let session = sessions[index], !session.isFirstDone else { return }
        sessions[index]?.pending.removeAll { $0.number == 0 }
        // An answer that comes later from the cloud is one that nobody looks at.
        sessions[index]?.sentAtMs[0] = nil
        done(0, of: index, cameMs: now - options.patienceMs, now: now, accuracy: nil)
    }

    // MARK: Requests

    private mutating func request(_ number: Int, of index: Int, now: Double) {
        guard let session = sessions[index] else { return }
        if number > 0, policy.asks, now - session.lastAskedMs >= options.askAgainMs,
            session.trace.second(at: now).kind != .outage
        {
            decide(index, now: now)
        }
        route(number, of: index, cameMs: now, now: now)
    }

    /// A request is done; people ask the next thing after the first answer.
    mutating func done(
        _ number: Int, of index: Int, cameMs: Double, now: Double, accuracy: Double?
    ) {
        let planned = plan.sessions[index]
        let deadline =
            number == 0
            ? options.firstDeadlineMs
            : planned.isLive ? options.liveDeadlineMs : options.tapDeadlineMs
        let isInTime = now - cameMs <= options.patienceMs
        let latency = min(now - cameMs, options.patienceMs)
        tally.add(
            latencyMs: latency, accuracy: isInTime ? accuracy : nil,
            isHit: accuracy != nil && latency <= deadline, isFirst: number == 0,
            isLive: planned.isLive, classIndex: clients[planned.client].classIndex,
            hour: Int(planned.beginMs / 3_600_000) % 24)
        sessions[index]?.doneCount += 1
        defer { forgetIfOver(index) }
        guard number == 0, sessions[index]?.isFirstDone == false else { return }
        sessions[index]?.isFirstDone = true
        if !planned.isLive { follow(index, from: min(now, cameMs + options.patienceMs)) }
    }

    /// Lets go of a session of which nothing is to come, with its trace.
    mutating func forgetIfOver(_ index: Int) {
        guard let session = sessions[index], session.loading.isEmpty,
            session.doneCount == plan.sessions[index].offsetsMs.count
        else { return }
        sessions[index] = nil
    }

    /// Lets the requests after the first one come.
    private mutating func follow(_ index: Int, from ms: Double) {
        let offsets = plan.sessions[index].offsetsMs
        for next in offsets.indices.dropFirst() {
            queue.add(.request(next), session: index, atMs: ms + offsets[next])
        }
    }

    /// Counts what moves.
    mutating func moved(down: Double = 0, up: Double = 0) {
        tally.downloadedBytes += down
        tally.uploadedBytes += up
        if down > 0 { tally.downloads += 1 }
    }

    mutating func answeredByCloud() { tally.cloudAnswers += 1 }
}

extension FleetClass {
    /// The place of the class whose variant is the one of middle size.
    static let middle = all.firstIndex { $0.name == "phone-4g" } ?? 0
}
