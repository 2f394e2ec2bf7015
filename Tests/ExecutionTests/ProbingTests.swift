import Execution
import Testing

@Suite("Probing")
struct ProbingTests {
    /// Microseconds of a kernel that rounds one or both widths up to a multiple.
    private static func points(
        multiple: Int, roundsInputs: Bool, step: Int
    ) -> [MachineProbe.WidthPoint] {
        stride(from: step, through: 128, by: step).map { channels in
            let rounded = (channels + multiple - 1) / multiple * multiple
            let work = rounded * (roundsInputs ? rounded : channels)
            // A little ripple, as measurements have it.
            let ripple = 1 + 0.02 * Double(channels % 7 - 3) / 3
            return MachineProbe.WidthPoint(
                channels: channels, microseconds: (2 + 0.1 * Double(work)) * ripple)
        }
    }

    @Test(arguments: [1, 8, 16, 32], [true, false])
    func readsTheMultipleOffTheStaircase(multiple: Int, roundsInputs: Bool) {
        let points = Self.points(multiple: multiple, roundsInputs: roundsInputs, step: 2)
        #expect(MachineProbe.channelMultiple(points) == multiple)
    }

    @Test func rateCountsAMultiplyAddAsTwo() {
        // 2 · 28² · 9 · 64² = 57,802,752 operations in 500 us.
        let point = MachineProbe.WidthPoint(channels: 64, microseconds: 500)
        #expect(abs(point.gflops - 115.605504) < 1e-9)
    }

    @Test func profileTimesWhatARunDoes() throws {
        let fixture = try Fixture("mobile")
        let model = try PreparedModel(fixture.graph, batch: 2)
        var policy = RepetitionPolicy()
        policy.warmUps = 2
        policy.fewest = 4
        policy.most = 4
        let profile = try model.profile(fixture.inputs, policy: policy)
        let timings = try model.time(fixture.inputs).timings
        #expect(profile.operations.map(\.nodes) == timings.map(\.nodes))
        #expect(profile.operations.map(\.label) == timings.map(\.operation))
        #expect(profile.whole.samples.count == 4)
        #expect(profile.operations.allSatisfy { $0.latency.samples.count == 4 })
        let sum = profile.operations.reduce(0) { $0 + $1.latency.median * profile.scale }
        #expect(abs(sum / profile.whole.median - 1) < 1e-9)
    }

    @Test func figuresAreNumbers() throws {
        let probe = MachineProbe(threads: 1, isQuick: true)
        for figure in [try probe.gflops(), try probe.bandwidthGBps(), try probe.overheadUs()] {
            #expect(figure.isFinite && figure > 0)
        }
        let sweep = try probe.sweep(step: 32)
        #expect(sweep.map(\.channels) == [32, 64, 96, 128])
        #expect(sweep.allSatisfy { $0.microseconds > 0 })
    }
}
