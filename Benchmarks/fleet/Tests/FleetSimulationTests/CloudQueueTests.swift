import FleetSimulation
import Testing

@Suite("Queue of the cloud")
struct CloudQueueTests {
    /// Mean wait before service in M/M/c (Erlang's C formula), in the unit of the service time.
    private func erlangWait(workers: Int, load: Double) -> Double {
        let offered = load * Double(workers)
        var term = 1.0
        var sum = 0.0
        for count in 0..<workers {
            sum += term
            term *= offered / Double(count + 1)
        }
        let waiting = term / (1 - load) / (sum + term / (1 - load))
        return waiting / (Double(workers) * (1 - load))
    }

    @Test(
        "waits are those of Erlang's formula", arguments: [(1, 0.5), (1, 0.8), (4, 0.7), (8, 0.9)])
    func waits(workers: Int, load: Double) {
        var queue = CloudQueue(workers: workers)
        var random = SeededRandom(17, UInt64(workers))
        var (now, waited) = (0.0, 0.0)
        let count = 400_000
        for _ in 0..<count {
            now += random.exponential(1 / (load * Double(workers)))
            let service = random.exponential(1)
            waited += queue.serve(arrivingAtMs: now, serviceMs: service) - now - service
        }
        let expected = erlangWait(workers: workers, load: load)
        #expect(abs(waited / Double(count) - expected) < 0.08 * expected)
        #expect(abs(queue.busyMs / now / Double(workers) - load) < 0.02)
    }

    @Test("first come, first served")
    func order() {
        var queue = CloudQueue(workers: 2)
        #expect(queue.serve(arrivingAtMs: 0, serviceMs: 10) == 10)
        #expect(queue.serve(arrivingAtMs: 1, serviceMs: 3) == 4)
        #expect(queue.serve(arrivingAtMs: 2, serviceMs: 3) == 7)
        #expect(queue.serve(arrivingAtMs: 20, serviceMs: 1) == 21)
    }
}
