import Contexts
import Foundation
import Testing

@Suite struct CostModelTests {
    /// 10 GFLOP/s are 10⁴ operations a microsecond; 5 GB/s are 5·10³ bytes a microsecond.
    static let device = Device(
        runtime: "r", peakGflops: 10, memoryBandwidthGBps: 5, channelMultiple: 8,
        layerOverheadUs: 20, decodeMiBPerSecond: 50)
    static let network = Network(bandwidthMbps: 8, roundTripMs: 50)
    static let model = CostModel(device: device, network: network)

    /// 3×3 convolution, 16 → 32 channels at 28×28: 28·28·9·16·32 = 3,612,672 multiply-adds.
    static let convolution = LayerWorkload(
        name: "conv", operation: .convolution, kernel: Window(3, 3), stride: Window(1, 1),
        positions: 784, taps: 9, inputChannels: 16, outputChannels: 32,
        multiplyAdds: 3_612_672, parameterBytes: 18_560, inputBytes: 50_176,
        outputBytes: 100_352)

    /// 3×3 depthwise convolution, 32 channels at 28×28: 28·28·9·32 = 225,792 multiply-adds.
    static let depthwise = LayerWorkload(
        name: "depthwise", operation: .depthwiseConvolution, kernel: Window(3, 3),
        stride: Window(1, 1), positions: 784, taps: 9, inputChannels: 32, outputChannels: 32,
        groups: 32, multiplyAdds: 225_792, parameterBytes: 1_152, inputBytes: 100_352,
        outputBytes: 100_352)

    func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }

    // MARK: Latency by hand

    @Test func aConvolutionIsBoundByArithmetic() {
        // 2 · 3,612,672 / 10⁴ = 722.5344 us of arithmetic; 169,088 bytes / 5·10³ = 33.8176 us.
        #expect(isNear(Self.model.latency(of: Self.convolution), 742.5344))
    }

    @Test func aDepthwiseConvolutionIsBoundByArithmeticHereAndByMemoryThere() {
        // 2 · 225,792 / 10⁴ = 45.1584 us; 201,856 / 5·10³ = 40.3712 us.
        #expect(isNear(Self.model.latency(of: Self.depthwise), 65.1584))
        var fast = Self.device
        fast.peakGflops = 100
        let model = CostModel(device: fast, network: nil)
        #expect(isNear(model.latency(of: Self.depthwise), 60.3712))
    }

    @Test func widthsAreRoundedUpToTheChannelMultiple() {
        // 9 → 16 of 16 input and 25 → 32 of 32 output channels: the arithmetic of the whole layer.
        #expect(
            isNear(
                Self.model.latency(of: Self.convolution, inputChannels: 9, outputChannels: 25),
                742.5344))
        // 8 of 16 and 24 of 32: 3/8 of it.
        #expect(
            isNear(
                Self.model.latency(of: Self.convolution, inputChannels: 8, outputChannels: 24),
                20 + 722.5344 * 3 / 8))
    }

    @Test func fewInputChannelsAreNotRoundedUp() {
        // 3 of 16 input channels stay 3; 5 become 8.
        #expect(
            isNear(
                Self.model.latency(of: Self.convolution, inputChannels: 3, outputChannels: 32),
                20 + 722.5344 * 3 / 16))
        #expect(
            isNear(
                Self.model.latency(of: Self.convolution, inputChannels: 5, outputChannels: 32),
                20 + 722.5344 * 8 / 16))
    }

    @Test func groupsAreRoundedUpOneByOne() {
        var grouped = Self.convolution
        grouped.groups = 2
        grouped.multiplyAdds /= 2
        // 6 and 12 channels a group become 8 and 16: both widths as in the whole layer.
        #expect(
            isNear(
                Self.model.latency(of: grouped, inputChannels: 12, outputChannels: 24),
                20 + 361.2672))
        // 4 a group stay 4 on the input side.
        #expect(
            isNear(
                Self.model.latency(of: grouped, inputChannels: 8, outputChannels: 32),
                20 + 361.2672 / 2))
    }

    @Test func memoryFollowsTheWidthsUnrounded() {
        var slow = Self.device
        slow.memoryBandwidthGBps = 0.05
        let model = CostModel(device: slow, network: nil)
        // 50 bytes a microsecond: 18,560/4 + 50,176/2 + 100,352/2 = 79,904 bytes.
        #expect(
            isNear(
                model.latency(of: Self.convolution, inputChannels: 8, outputChannels: 16),
                20 + 79_904.0 / 50))
    }

    @Test func recurrentWorkGrowsWithInputsAndOutputs() {
        // An LSTM of 16 → 32 units over 10 steps: 4·(16 + 32)·32·10 = 61,440 multiply-adds.
        let layer = LayerWorkload(
            name: "lstm", operation: .recurrent, positions: 10, taps: 4, inputChannels: 16,
            outputChannels: 32, multiplyAdds: 61_440)
        #expect(isNear(Self.model.latency(of: layer), 20 + 12.288))
        // 4·(16 + 16)·16·10 = 20,480.
        #expect(
            isNear(
                Self.model.latency(of: layer, inputChannels: 16, outputChannels: 16),
                20 + 4.096))
    }

    @Test func fusedLayersCostNothing() {
        var layer = Self.convolution
        layer.isFused = true
        #expect(Self.model.latency(of: layer) == 0)
    }

    @Test func withoutADeviceThereIsNoLatency() {
        let model = CostModel(device: nil, network: Self.network)
        #expect(model.latency(of: Self.convolution) == 0)
        #expect(model.inferenceMs(of: Self.summary) == nil)
        #expect(model.breakdown(of: Self.summary).isEmpty)
    }

    // MARK: Whole models

    static let summary = WorkloadSummary(
        layers: [convolution, depthwise], parameterCount: 4928, parameterBytes: 19_712,
        weightSparsity: 0.25, peakActivationBytes: 200_704, fileBytes: 12_000)

    @Test func costsOfAModel() throws {
        let costs = Self.model.costs(of: Self.summary)
        #expect(isNear(try #require(costs.inferenceMs), 0.8076928))
        // 3 · 50 ms, 12,000 bytes at 1,000 bytes a millisecond, 19,712 / 2²⁰ MiB at 50 MiB/s.
        #expect(isNear(try #require(costs.loadMs), 150 + 12 + 19_712.0 / 1_048_576 / 50 * 1000))
        #expect(costs.fileBytes == 12_000)
        #expect(costs.peakMemoryBytes == 220_416)
        #expect(costs.multiplyAdds == 3_838_464)
        #expect(costs.parameters == 4928)
        #expect(costs.weightSparsity == 0.25)
        #expect(costs.accuracy == nil)
    }

    @Test func theBreakdownAddsUpAndSaysWhatBinds() throws {
        var summary = Self.summary
        var slim = Self.depthwise
        slim.multiplyAdds /= 10
        var fused = Self.convolution
        fused.isFused = true
        summary.layers += [slim, fused]
        let breakdown = Self.model.breakdown(of: summary)
        #expect(breakdown.map(\.source) == [.compute, .compute, .memory, .fused])
        #expect(breakdown.map(\.name) == ["conv", "depthwise", "depthwise", "conv"])
        let total = breakdown.reduce(0) { $0 + $1.microseconds }
        #expect(isNear(total / 1000, try #require(Self.model.inferenceMs(of: summary))))
    }

    @Test func absurdNumbersDoNotTrap() throws {
        let layer = LayerWorkload(
            name: "x", operation: .convolution, positions: .max, taps: .max,
            inputChannels: .max, outputChannels: .max, groups: .max, multiplyAdds: .max,
            parameterBytes: .max, inputBytes: .max, outputBytes: .max)
        var summary = Self.summary
        summary.layers = [layer, layer]
        summary.parameterBytes = .max
        summary.fileBytes = .max
        summary.parameterCount = .max
        let costs = Self.model.costs(of: summary)
        #expect(costs.peakMemoryBytes == .max)
        #expect(costs.multiplyAdds == .max)
        #expect(try #require(costs.inferenceMs).isFinite)
        #expect(try #require(costs.loadMs).isFinite)
        for width in [Int.min, -1, 0, 1, .max] {
            #expect(
                Self.model.latency(of: layer, inputChannels: width, outputChannels: width)
                    .isFinite)
        }
        let empty = LayerWorkload(
            name: "e", operation: .dense, inputChannels: 0, outputChannels: 0, groups: 0)
        #expect(Self.model.latency(of: empty) == 20)
        #expect(Self.model.loadMs(fileBytes: -5, decodedBytes: -5) == 150)
    }

    // MARK: Loading

    @Test func slowStartCostsRoundTrips() throws {
        // 12 Mbit/s are 1,500 bytes a millisecond; 70 ms of line hold 105,000 bytes. Windows of
        // 14,600, 29,200 and 58,400 bytes are below that: three round trips for 102,200 bytes.
        let model = CostModel(
            device: nil, network: Network(bandwidthMbps: 12, roundTripMs: 70))
        func load(_ bytes: Int) throws -> Double {
            try #require(model.loadMs(fileBytes: bytes, decodedBytes: 0))
        }
        #expect(isNear(try load(14_600), 210 + 14_600 / 1500.0))
        #expect(isNear(try load(14_601), 280 + 1 / 1500.0))
        #expect(isNear(try load(402_200), 420 + 300_000 / 1500.0))
    }

    @Test func loadTimeNeverFalls() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let network = Network(
                bandwidthMbps: .random(in: 0.1...2000, using: &generator),
                roundTripMs: .random(in: 0...500, using: &generator))
            let model = CostModel(device: nil, network: network)
            var last = 0.0
            for bytes in stride(from: 0, to: 3_000_000, by: 7_300) {
                let load = try #require(model.loadMs(fileBytes: bytes, decodedBytes: bytes))
                #expect(load >= last, "seed \(seed), \(network), \(bytes) bytes")
                last = load
            }
        }
    }

    @Test func theLargestFileIsTheLargest() throws {
        let model = Self.model
        #expect(model.largestFileBytes(loadingWithin: 149, decodedBytes: 0) == nil)
        #expect(model.largestFileBytes(loadingWithin: 150, decodedBytes: 0) == 0)
        #expect(
            CostModel(device: nil, network: nil).largestFileBytes(loadingWithin: 9, decodedBytes: 0)
                == nil)
        for limit in [151.0, 200, 333.3, 1500, 60_000] {
            let bytes = try #require(model.largestFileBytes(loadingWithin: limit, decodedBytes: 0))
            #expect(try #require(model.loadMs(fileBytes: bytes, decodedBytes: 0)) <= limit)
            #expect(try #require(model.loadMs(fileBytes: bytes + 1, decodedBytes: 0)) > limit)
        }
    }

    // MARK: Properties

    @Test func latencyNeverFallsWithWiderLayersAndRisesInSteps() {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let multiple = [1, 4, 8, 16].randomElement(using: &generator) ?? 1
            let model = CostModel(
                device: Device(
                    runtime: "r", peakGflops: .random(in: 0.1...500, using: &generator),
                    memoryBandwidthGBps: .random(in: 0.1...100, using: &generator),
                    channelMultiple: multiple,
                    layerOverheadUs: .random(in: 0...100, using: &generator)),
                network: nil)
            let layer = Self.randomLayer(using: &generator)
            let other = Int.random(in: 1...layer.inputChannels, using: &generator)
            var last = 0.0
            for width in 1...layer.outputChannels {
                let latency = model.latency(
                    of: layer, inputChannels: other, outputChannels: width)
                #expect(latency >= last, "seed \(seed), \(layer), width \(width)")
                last = latency
            }
            // Without memory traffic only the rounded widths count.
            var dry = layer
            (dry.parameterBytes, dry.inputBytes, dry.outputBytes) = (0, 0, 0)
            let width = Int.random(in: 1...layer.outputChannels, using: &generator)
            let rounded = (width + multiple - 1) / multiple * multiple
            let (a, b) = (
                model.latency(of: dry, inputChannels: other, outputChannels: width),
                model.latency(of: dry, inputChannels: other, outputChannels: rounded)
            )
            #expect(abs(a - b) <= 1e-9 * b, "seed \(seed), \(dry), width \(width)")
        }
    }

    static func randomLayer(using generator: inout SeededGenerator) -> LayerWorkload {
        let operation = LayerWorkload.Operation.allCases.randomElement(using: &generator)
        return LayerWorkload(
            name: "x", operation: operation ?? .dense,
            positions: .random(in: 1...10_000, using: &generator),
            inputChannels: .random(in: 1...200, using: &generator),
            outputChannels: .random(in: 1...200, using: &generator),
            multiplyAdds: .random(in: 0...100_000_000, using: &generator),
            parameterBytes: .random(in: 0...1_000_000, using: &generator),
            inputBytes: .random(in: 0...1_000_000, using: &generator),
            outputBytes: .random(in: 0...1_000_000, using: &generator))
    }
}
