import Execution
import ModelGraph
import Testing

@Suite("Small networks give what Keras gives")
struct NetworkTests {
    @Test(arguments: ["residual", "mobile", "chain"], [true, false])
    func equalsKeras(_ name: String, optimizes: Bool) throws {
        let fixture = try Fixture(name)
        let model = try PreparedModel(
            fixture.graph, batch: 2, options: PreparationOptions(optimizes: optimizes))
        let outputs = try model.run(fixture.inputs)
        #expect(outputs.count == fixture.expected.count)
        for (output, expected) in zip(outputs, fixture.expected) {
            #expect(difference(output, expected) < 1e-5)
        }
    }
}
