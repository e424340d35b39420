package dev.stylizer.core

import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class BenchmarkTest {
    @Test
    fun `times every style and says why the GPU does not run`() {
        val lines = ArrayList<String>()
        val json = JSONObject(Benchmark(TestFiles.models, TestFiles.cpu).run(3) { lines += it })
        val results = json.getJSONArray("results")
        assertEquals(2, results.length())
        assertEquals("no GPU here", results.getJSONObject(0).getString("error"))
        assertTrue(results.getJSONObject(1).getDouble("median_ms") > 0)
        assertEquals(4, lines.size)
    }
}
