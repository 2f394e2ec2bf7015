import Foundation
import RuntimeAdapter

extension Simulation {
    /// The candidate that brings most right answers in time in the rest of a session, for someone who knows the
    /// device, the network to come and how long the session lasts.
    ///
    /// What is on the device answers until the candidate is there. Of single inferences only the spread is
    /// known, and not what later sessions would like to find in the cache.
    func best(_ index: Int, now: Double) -> Int {
        guard let session = sessions[index] else { return truth.base }
        let client = clients[plan.sessions[index].client]
        let cached = client.cache.first { fits($0, session) }
        var best = (place: truth.base, value: -1.0, ms: Double.infinity)
        for place in truth.candidates.indices where fits(place, session) {
            let ready = now + loadingMs(of: place, in: index, session, now: now)
            // What is cached is loaded in between only where the wanted one is not.
            let standIn = session.loaded ?? (client.cache.contains(place) ? nil : cached)
            let value = rightAnswers(of: place, readyAtMs: ready, standIn, in: index, now: now)
            let ms = ready - now + expectedMs(of: place, in: index, session, at: ready)
            if value > best.value || (value == best.value && ms < best.ms) {
                best = (place, value, ms)
            }
        }
        return best.place
    }

    /// What it takes until a candidate can run.
    private func loadingMs(
        of place: Int, in index: Int, _ session: SessionState, now: Double
    ) -> Double {
        if session.loaded == place { return 0 }
        let client = plan.sessions[index].client
        let decoding = decodingMs(of: place, client: client, trace: session.trace, at: now)
        if clients[client].cache.contains(place) { return decoding }
        let bytes = Double(truth.candidates[place].fileBytes)
        return session.trace.download(bytes, trips: 4, from: now) - now + decoding
    }

    /// An inference that nothing comes in between of.
    private func expectedMs(
        of place: Int, in index: Int, _ session: SessionState, at ms: Double
    ) -> Double {
        inferenceMs(of: place, client: plan.sessions[index].client, trace: session.trace, at: ms)
    }

    /// How likely an inference takes no longer than a limit, by the spread of single inferences.
    private func chance(_ expectedMs: Double, within limitMs: Double) -> Double {
        guard limitMs > 0, expectedMs > 0 else { return 0 }
        guard options.jitterDeviation > 0 else { return expectedMs <= limitMs ? 1 : 0 }
        return 0.5 * erfc(log(expectedMs / limitMs) / options.jitterDeviation / 2.0.squareRoot())
    }

    /// Right answers in time that are expected of a session if a candidate is what it loads.
    private func rightAnswers(
        of place: Int, readyAtMs: Double, _ standIn: Int?, in index: Int, now: Double
    ) -> Double {
        guard let session = sessions[index] else { return 0 }
        let planned = plan.sessions[index]
        let deadline = planned.isLive ? options.liveDeadlineMs : options.tapDeadlineMs
        let standInAtMs =
            standIn.map { now + loadingMs(of: $0, in: index, session, now: now) } ?? now
        // A session that goes on is taken as one that begins: the shares are the same.
        let start =
            planned.isLive || standIn != nil
            ? now : readyAtMs + expectedMs(of: place, in: index, session, at: readyAtMs)
        var (sum, busyUntilMs) = (0.0, now)
        for (number, offset) in planned.offsetsMs.enumerated() {
            let isFirst = number == 0 && !session.isFirstDone
            let atMs = isFirst ? now : start + offset
            let limit = isFirst ? options.firstDeadlineMs : deadline
            let serving = atMs < readyAtMs ? standIn ?? place : place
            // What waited while nothing could run keeps the device busy when something can.
            let begin = max(atMs, busyUntilMs, serving == place ? readyAtMs : standInAtMs)
            let expected = expectedMs(of: serving, in: index, session, at: begin)
            busyUntilMs = begin + expected
            sum +=
                chance(expected, within: limit - (begin - atMs))
                * (truth.candidates[serving].accuracy ?? 0)
        }
        return sum
    }
}
