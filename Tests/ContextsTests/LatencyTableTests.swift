import Contexts
import Foundation
import Testing

@Suite struct LatencyTableTests {
    static let header =
        "operation,kernel,stride,positions,input-channels,output-channels,microseconds"

    static func table(_ rows: String) throws -> LatencyTable {
        try LatencyTable(csv: Data((header + "\n" + rows).utf8), file: "t.csv")
    }

    /// 16 and 64 input channels by 16 and 64 output channels: 10, 30 / 40, 160 us.
    static let grid = """
        convolution,3x3,1x1,784,16,16,10
        convolution,3x3,1x1,784,16,64,30
        convolution,3x3,1x1,784,64,16,40
        convolution,3x3,1x1,784,64,64,160

        """

    static func layer(
        _ operation: LayerWorkload.Operation = .convolution, positions: Int = 784
    ) -> LayerWorkload {
        LayerWorkload(
            name: "x", operation: operation, kernel: Window(3, 3), stride: Window(1, 1),
            positions: positions, taps: 9, inputChannels: 64, outputChannels: 64,
            multiplyAdds: 28_901_376, parameterBytes: 147_712, inputBytes: 200_704,
            outputBytes: 200_704)
    }

    func value(
        _ table: LatencyTable, _ inputs: Int, _ outputs: Int, multiple: Int = 1
    ) -> LatencyTable.Value? {
        table.latency(
            of: Self.layer(), inputChannels: inputs, outputChannels: outputs,
            channelMultiple: multiple)
    }

    func isNear(_ a: Double?, _ b: Double) -> Bool { abs((a ?? .nan) - b) <= 1e-9 * abs(b) }

    // MARK: Lookup

    @Test func findsWhatWasMeasured() throws {
        let table = try Self.table(Self.grid)
        #expect(table.count == 4)
        let measured = value(table, 64, 16)
        #expect(isNear(measured?.microseconds, 40))
        #expect(measured?.quality == .measured)
    }

    @Test func interpolatesInLogarithms() throws {
        let table = try Self.table(Self.grid)
        // 32 is half way from 16 to 64 in logarithms: geometric means.
        let outputs = value(table, 16, 32)
        #expect(isNear(outputs?.microseconds, (10.0 * 30).squareRoot()))
        #expect(outputs?.quality == .interpolated)
        #expect(isNear(value(table, 32, 64)?.microseconds, (30.0 * 160).squareRoot()))
        #expect(
            isNear(value(table, 32, 32)?.microseconds, pow(10.0 * 30 * 40 * 160, 0.25)))
    }

    @Test func keepsTheStepsOfTheRuntime() throws {
        let table = try Self.table(Self.grid)
        // 33 … 48 cost what 48 costs; past 48 the next multiple is the measured 64.
        let step = value(table, 16, 48, multiple: 16)?.microseconds
        for width in 33...48 {
            #expect(value(table, 16, width, multiple: 16)?.microseconds == step)
        }
        for width in 49...64 {
            #expect(isNear(value(table, 16, width, multiple: 16)?.microseconds, 30))
        }
        #expect(value(table, 16, 50, multiple: 16)?.quality == .interpolated)
        // A measured width between two multiples counts as itself.
        let finer = try Self.table(
            Self.grid.replacing(",64,30", with: ",50,30").replacing(",64,160", with: ",50,160"))
        #expect(isNear(value(finer, 16, 49, multiple: 16)?.microseconds, 30))
        #expect(value(finer, 16, 50, multiple: 16)?.quality == .measured)
    }

    @Test func saysWhenItLeavesTheTable() throws {
        let table = try Self.table(Self.grid)
        let wide = value(table, 128, 64)
        #expect(wide?.quality == .extrapolated)
        #expect(wide?.inputChannels == 64)
        #expect(isNear(wide?.microseconds, 160))
        let narrow = value(table, 64, 8)
        #expect(narrow?.quality == .extrapolated)
        #expect(narrow?.outputChannels == 16)
        #expect(isNear(narrow?.microseconds, 40))
    }

    @Test func knowsNothingOfOtherLayers() throws {
        let table = try Self.table(Self.grid)
        for other in [Self.layer(.dense), Self.layer(positions: 196)] {
            #expect(
                table.latency(
                    of: other, inputChannels: 16, outputChannels: 16, channelMultiple: 1) == nil)
        }
        var grouped = Self.layer()
        grouped.groups = 2
        #expect(
            table.latency(
                of: grouped, inputChannels: 16, outputChannels: 16, channelMultiple: 1) == nil)
    }

    @Test func aWiderLayerIsNeverFaster() throws {
        let noisy = try Self.table(
            """
            convolution,3x3,1x1,784,16,16,10
            convolution,3x3,1x1,784,16,32,9
            convolution,3x3,1x1,784,16,64,12

            """)
        #expect(isNear(value(noisy, 16, 32)?.microseconds, 10))
        #expect(isNear(value(noisy, 16, 24)?.microseconds, 10))
    }

    @Test func layersOfOneWidthNeedOneColumn() throws {
        let table = try Self.table(
            """
            depthwise-convolution,3x3,1x1,784,16,16,5
            depthwise-convolution,3x3,1x1,784,64,64,20

            """)
        var layer = Self.layer(.depthwiseConvolution)
        layer.groups = 64
        let value = table.latency(
            of: layer, inputChannels: 32, outputChannels: 32, channelMultiple: 1)
        #expect(isNear(value?.microseconds, 10))
        let beyond = table.latency(
            of: layer, inputChannels: 128, outputChannels: 128, channelMultiple: 1)
        #expect(beyond?.inputChannels == 64)
        #expect(beyond?.outputChannels == 64)
    }

    // MARK: In the cost model

    @Test func measurementsWinOverTheFormula() throws {
        let table = try Self.table(Self.grid)
        let device = Device(
            runtime: "r", peakGflops: 100, memoryBandwidthGBps: 1000, layerOverheadUs: 10)
        let model = CostModel(device: device, network: nil, table: table)
        #expect(isNear(model.latency(of: Self.layer()), 160))
        // The formula: 2 · 28,901,376 / 10⁵ = 578.02752 us and 10 us; at 128 outputs twice the first.
        let formula = CostModel(device: device, network: nil)
        #expect(isNear(formula.latency(of: Self.layer()), 588.02752))
        #expect(
            isNear(
                model.latency(of: Self.layer(), inputChannels: 64, outputChannels: 128),
                160 * (1156.05504 + 10) / 588.02752))
        let summary = WorkloadSummary(
            layers: [Self.layer(), Self.layer(.dense)], parameterCount: 0, parameterBytes: 0,
            peakActivationBytes: 0, fileBytes: 0)
        #expect(model.breakdown(of: summary).map(\.source) == [.measured, .compute])
    }

    @Test func latencyFromATableNeverFallsWithinIt() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let widths = [3, 8, 20, 33, 64]
            var rows = ""
            for input in widths {
                for output in widths {
                    let time = Double.random(in: 0.5...100, using: &generator)
                    rows += "convolution,3x3,1x1,784,\(input),\(output),\(time)\n"
                }
            }
            let table = try Self.table(rows)
            let multiple = [1, 4, 16].randomElement(using: &generator) ?? 1
            let fixed = Int.random(in: 3...64, using: &generator)
            var (lastIn, lastOut) = (0.0, 0.0)
            for width in 3...64 {
                let inputs = try #require(value(table, width, fixed, multiple: multiple))
                let outputs = try #require(value(table, fixed, width, multiple: multiple))
                #expect(inputs.microseconds >= lastIn - 1e-9, "seed \(seed), width \(width)")
                #expect(outputs.microseconds >= lastOut - 1e-9, "seed \(seed), width \(width)")
                (lastIn, lastOut) = (inputs.microseconds, outputs.microseconds)
            }
        }
    }

    // MARK: The file

    @Test func readsCommentsBlankLinesSidesAndCarriageReturns() throws {
        let csv = """
            # Pixel 4, tfjs-wasm 4.22, median of 50 runs\r
            microseconds, operation, height, width, input-channels, output-channels, samples\r
            \r
            2.5, dense, 1, 1, 128, 10, 50\r
            # the end
            """
        let table = try LatencyTable(csv: Data(csv.utf8), file: "t.csv")
        let layer = LayerWorkload(
            name: "d", operation: .dense, inputChannels: 128, outputChannels: 10)
        let value = table.latency(
            of: layer, inputChannels: 128, outputChannels: 10, channelMultiple: 4)
        #expect(isNear(value?.microseconds, 2.5))
    }

    func refusal(_ csv: String) -> String {
        do {
            _ = try LatencyTable(csv: Data(csv.utf8), file: "t.csv")
            return "accepted"
        } catch { return error.description }
    }

    @Test(arguments: [
        ("", "t.csv: the latency table is empty; it needs a header and measurements"),
        (header, "t.csv: the latency table has a header and no measurements"),
        ("operation,kernal", "t.csv:1: there is no column 'kernal'; did you mean 'kernel'?"),
        (
            "operation,fruit",
            "t.csv:1: there is no column 'fruit'; the columns are network, layer, operation, kernel, stride, positions, height, width, groups, input-channels, output-channels, microseconds, deviation-microseconds, samples"
        ),
        ("operation,operation", "t.csv:1: the column 'operation' stands twice in the header"),
        (
            "operation,input-channels,output-channels",
            "t.csv:1: the header lacks the column 'microseconds'"
        ),
        (
            "operation,input-channels,output-channels,microseconds",
            "t.csv:1: the header lacks the column 'positions'"
        ),
        (
            "operation,input-channels,output-channels,microseconds,height",
            "t.csv:1: the header lacks the column 'width'"
        ),
        (
            "operation,input-channels,output-channels,microseconds,height,width,positions",
            "t.csv:1: the header has both positions and height and width; keep one of them"
        ),
    ])
    func refusesHeaders(csv: String, sentence: String) {
        #expect(refusal(csv) == sentence)
    }

    @Test(arguments: [
        ("dense,,,1,8,4", "t.csv:2: the line has 6 fields, and the header has 7"),
        (
            "\"dense\",,,1,8,4,1",
            "t.csv:2: quotes are not allowed; fields are plain words and numbers between commas"
        ),
        ("Dense,,,1,8,4,1", "t.csv:2: there is no operation 'Dense'; did you mean 'dense'?"),
        (
            "softmax,,,1,8,4,1",
            "t.csv:2: there is no operation 'softmax'; the operations are convolution, depthwise-convolution, dense, pooling, normalization, element-wise, recurrent, attention, data-movement, other"
        ),
        (
            "convolution,3*3,,1,8,4,1",
            "t.csv:2: kernel '3*3' must be one to three sizes from 1 to 65536, such as 3x3"
        ),
        (
            "convolution,3x3,0,1,8,4,1",
            "t.csv:2: stride '0' must be one to three sizes from 1 to 65536, such as 3x3"
        ),
        (
            "convolution,1x1x1x1,,1,8,4,1",
            "t.csv:2: kernel '1x1x1x1' must be one to three sizes from 1 to 65536, such as 3x3"
        ),
        ("dense,,,0,8,4,1", "t.csv:2: positions '0' must be a whole number from 1 to 2147483647"),
        (
            "dense,,,1,+8,4,1",
            "t.csv:2: input-channels '+8' must be a whole number from 1 to 2147483647"
        ),
        (
            "dense,,,1,8,99999999999999999999,1",
            "t.csv:2: output-channels '99999999999999999999' must be a whole number from 1 to 2147483647"
        ),
        (
            "dense,,,1,8,4,0",
            "t.csv:2: microseconds '0' must be a number above 0 and at most 1000000000"
        ),
        (
            "dense,,,1,8,4,nan",
            "t.csv:2: microseconds 'nan' must be a number above 0 and at most 1000000000"
        ),
        (
            "dense,,,1,8,4,3us",
            "t.csv:2: microseconds '3us' must be a number above 0 and at most 1000000000"
        ),
        (
            "dense,,,1,8,4,1\ndense,,,1,8,4,2",
            "t.csv:3: the same layer and widths were already measured on line 2"
        ),
        (
            "pooling,,,1,8,8,1\npooling,,,1,16,8,2",
            "t.csv:3: the operation has one width, but this line has 16 input channels where line 2 has 8 for the same output channels"
        ),
        (
            "dense,,,1,8,4,1\ndense,,,1,16,8,2",
            "t.csv:2: the measurements of this layer leave a hole: 8 input and 8 output channels are missing, while both widths were measured with others"
        ),
    ])
    func refusesRows(row: String, sentence: String) {
        #expect(refusal(Self.header + "\n" + row) == sentence)
    }

    @Test func refusesOtherBytes() {
        func refusal(_ bytes: Data) -> String? {
            do {
                _ = try LatencyTable(csv: bytes, file: "t.csv")
                return nil
            } catch { return error.description }
        }
        #expect(refusal(Data([0xFF])) == "t.csv: the file is not UTF-8 text; save it as UTF-8")
        #expect(
            refusal(Data(repeating: 0x20, count: (1 << 24) + 1))
                == "t.csv: a latency table has at most 16777216 bytes, and this file has more")
    }
}
