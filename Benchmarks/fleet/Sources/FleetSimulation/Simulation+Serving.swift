import RuntimeAdapter

extension Simulation {
    /// Sends a request to where the session's answers come from.
    mutating func route(_ number: Int, of index: Int, cameMs: Double, now: Double) {
        guard let session = sessions[index] else { return }
        switch session.answering {
        case .nowhere:
            done(number, of: index, cameMs: cameMs, now: cameMs + options.patienceMs, accuracy: nil)
        case .cloud: send(number, of: index, cameMs: cameMs, now: now)
        case .device:
            if let place = session.loaded {
                infer(number, with: place, of: index, cameMs: cameMs, now: now)
            } else if policy.usesCloudWhileLoading {
                send(number, of: index, cameMs: cameMs, now: now)
            } else {
                sessions[index]?.pending.append((number, cameMs))
            }
        }
    }

    // MARK: On the device

    private mutating func infer(
        _ number: Int, with place: Int, of index: Int, cameMs: Double, now: Double
    ) {
        let client = plan.sessions[index].client
        let start = max(now, clients[client].busyUntilMs)
        guard start - cameMs <= options.patienceMs, var session = sessions[index] else {
            done(number, of: index, cameMs: cameMs, now: max(start, now), accuracy: nil)
            return
        }
        var factor = session.jitter.logNormal(options.jitterDeviation)
        if session.jitter.uniform() < options.hiccupShare { factor *= options.hiccupSlowdown }
        sessions[index]?.jitter = session.jitter
        let ms = inferenceMs(of: place, client: client, trace: session.trace, at: start) * factor
        clients[client].busyUntilMs = start + ms
        if let last = clients[client].lastServed, last != place { clients[client].swaps += 1 }
        clients[client].lastServed = place
        clients[client].use(place)
        if policy.learns, let context = session.context {
            selector.record(
                PerformanceReport(
                    context: context, digest: truth.candidates[place].digest, inferenceMs: ms),
                atMs: start + ms)
        }
        done(
            number, of: index, cameMs: cameMs, now: start + ms,
            accuracy: truth.candidates[place].accuracy ?? 0)
    }

    /// What an inference takes when nothing comes in between.
    func inferenceMs(of place: Int, client: Int, trace: SessionTrace, at ms: Double) -> Double {
        truth.inferenceMs[clients[client].classIndex][place] * clients[client].slowness
            * trace.second(at: ms).slowdown
    }

    // MARK: In the cloud

    private mutating func send(_ number: Int, of index: Int, cameMs: Double, now: Double) {
        guard let session = sessions[index] else { return }
        moved(up: options.inputBytes)
        let sent = session.trace.flow(options.inputBytes, from: now, isUpload: true)
        sessions[index]?.sentAtMs[number] = cameMs
        queue.add(
            .cloudArrival(number), session: index,
            atMs: session.trace.roundTrips(0.5, from: sent))
    }

    mutating func cloudArrival(_ number: Int, of index: Int, now: Double) {
        var random = SeededRandom(seed, Purpose.cloud.rawValue, UInt64(index), UInt64(number))
        let service =
            truth.cloudMs * random.logNormal(options.jitterDeviation) + options.cloudOverheadMs
        let ready = cloud.serve(arrivingAtMs: now, serviceMs: service)
        cloudMeanMs += 0.05 * (ready - now - cloudMeanMs)
        guard let session = sessions[index],
            let cameMs = sessions[index]?.sentAtMs.removeValue(forKey: number)
        else { return }
        // Of what comes when nobody waits any more, when it comes does not matter.
        let end =
            ready - cameMs > options.patienceMs
            ? ready : session.trace.roundTrips(0.5, from: ready)
        if end - cameMs <= options.patienceMs { answeredByCloud() }
        done(
            number, of: index, cameMs: cameMs, now: end,
            accuracy: truth.candidates[truth.base].accuracy ?? 0)
    }

    // MARK: Loading

    /// Brings a candidate to where it can run.
    mutating func load(_ place: Int, in index: Int, now: Double) {
        guard let session = sessions[index], session.loaded != place,
            !session.loading.contains(place)
        else { return }
        sessions[index]?.loading.insert(place)
        let client = plan.sessions[index].client
        if clients[client].cache.contains(place) || policy == .installed {
            let decoding = decodingMs(of: place, client: client, trace: session.trace, at: now)
            queue.add(.loaded(place, nil), session: index, atMs: now + decoding)
        } else {
            // Who has to ask what to load spends a round trip on it.
            queue.add(
                .fetch(place), session: index,
                atMs: policy.asks
                    ? session.trace.roundTrips(1, from: now) : session.trace.connected(from: now))
        }
    }

    mutating func fetch(_ place: Int, in index: Int, now: Double) {
        guard let session = sessions[index] else { return }
        let bytes = Double(truth.candidates[place].fileBytes)
        moved(down: bytes)
        egressFreeMs = max(egressFreeMs, now) + bytes / (options.egressMbps * 125)
        let end = max(session.trace.download(bytes, trips: 3, from: now), egressFreeMs)
        let decoding = decodingMs(
            of: place, client: plan.sessions[index].client, trace: session.trace, at: end)
        let record = LoadRecord(
            bytes: Int(bytes), transferMs: end - now, loadMs: end - now + decoding)
        queue.add(.loaded(place, record), session: index, atMs: end + decoding)
    }

    /// What decoding takes on a client's device.
    func decodingMs(of place: Int, client: Int, trace: SessionTrace, at ms: Double) -> Double {
        truth.decodingMs[clients[client].classIndex][place] * clients[client].slowness
            * trace.second(at: ms).slowdown
    }

    mutating func loaded(_ place: Int, _ record: LoadRecord?, in index: Int, now: Double) {
        let client = plan.sessions[index].client
        guard let session = sessions[index] else { return }
        sessions[index]?.loading.remove(place)
        if let record {
            clients[client].keep(place, candidates: truth.candidates)
            clients[client].monitor.record(
                Transfer(
                    bytes: record.bytes, durationMs: record.transferMs, atMs: now, roundTrips: 3))
            if policy.learns, var context = session.context {
                // It was neither when its download began.
                context.cached.removeAll { $0 == truth.candidates[place].digest }
                context.loaded.removeAll { $0 == truth.candidates[place].digest }
                selector.record(
                    PerformanceReport(
                        context: context, digest: truth.candidates[place].digest,
                        loadMs: record.loadMs), atMs: now)
            }
        }
        // What was asked for, or better than nothing.
        if session.answering == .device(place) || session.loaded == nil {
            sessions[index]?.loaded = place
        }
        sessions[index]?.pending = []
        for (number, cameMs) in session.pending {
            route(number, of: index, cameMs: cameMs, now: now)
        }
        forgetIfOver(index)
    }
}
