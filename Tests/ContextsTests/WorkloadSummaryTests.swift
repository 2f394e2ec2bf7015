import Contexts
import Foundation
import Testing

@Suite struct WorkloadSummaryTests {
    @Test func keepsItsJSON() throws {
        let summary = WorkloadSummary(
            layers: [
                LayerWorkload(
                    name: "conv", operation: .depthwiseConvolution, kernel: Window(3, 3),
                    stride: Window(2, 2), positions: 196, taps: 9, inputChannels: 8,
                    outputChannels: 8, groups: 8, multiplyAdds: 14_112, parameterBytes: 320,
                    inputBytes: 25_088, outputBytes: 6_272, isFused: true)
            ], parameterCount: 80, parameterBytes: 320, weightSparsity: 0.5,
            peakActivationBytes: 31_360, fileBytes: 9000)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(summary), as: UTF8.self)
        #expect(
            json == """
                {"file-bytes":9000,"layers":[{"fused":true,"groups":8,"input-bytes":25088,\
                "input-channels":8,"kernel":[3,3],"multiply-adds":14112,"name":"conv",\
                "operation":"depthwise-convolution","output-bytes":6272,"output-channels":8,\
                "parameter-bytes":320,"positions":196,"stride":[2,2],"taps":9}],\
                "parameter-bytes":320,"parameters":80,"peak-activation-bytes":31360,\
                "weight-sparsity":0.5}
                """)
        #expect(try JSONDecoder().decode(WorkloadSummary.self, from: Data(json.utf8)) == summary)
    }

    @Test(arguments: [
        ("\"parameters\":80", "\"parameters\":-1"),
        ("\"positions\":1", "\"positions\":-1"),
        ("\"weight-sparsity\":0", "\"weight-sparsity\":1.5"),
        ("\"kernel\":[3]", "\"kernel\":[0]"),
        ("\"kernel\":[3]", "\"kernel\":[1,2,3,4]"),
        ("\"operation\":\"dense\"", "\"operation\":\"magic\""),
    ])
    func refusesNumbersThatCannotBe(good: String, bad: String) throws {
        let json = """
            {"file-bytes":9000,"layers":[{"fused":true,"groups":8,"input-bytes":25088,\
            "input-channels":8,"kernel":[3],"multiply-adds":14112,"name":"conv",\
            "operation":"dense","output-bytes":6272,"output-channels":8,\
            "parameter-bytes":320,"positions":1,"stride":[],"taps":9}],\
            "parameter-bytes":320,"parameters":80,"peak-activation-bytes":31360,\
            "weight-sparsity":0}
            """
        #expect(throws: Never.self) {
            try JSONDecoder().decode(WorkloadSummary.self, from: Data(json.utf8))
        }
        let changed = json.replacing(good, with: bad)
        #expect(changed != json)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(WorkloadSummary.self, from: Data(changed.utf8))
        }
    }

    @Test func windowsOfEveryRank() {
        #expect(Window().extents == [])
        #expect(Window(5).extents == [5])
        #expect(Window(3, 2).description == "3x2")
        #expect(Window(1, 2, 3).extents == [1, 2, 3])
        #expect(Window(1, 2, 3, 4).extents == [1, 2, 12])
        #expect(Window(3) != Window(3, 1))
        #expect(Window(1, 1, .max, .max).extents == [1, 1, .max])
    }
}
