import static org.jetbrains.org.objectweb.asm.Opcodes.*;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jetbrains.org.objectweb.asm.ClassReader;
import org.jetbrains.org.objectweb.asm.ClassVisitor;
import org.jetbrains.org.objectweb.asm.ClassWriter;
import org.jetbrains.org.objectweb.asm.Handle;
import org.jetbrains.org.objectweb.asm.MethodVisitor;
import org.jetbrains.org.objectweb.asm.Type;

/**
 * Makes classes of the lambdas that a library makes by `invokedynamic`, for Android has no LambdaMetafactory.
 *
 * java -cp kotlin-compiler-embeddable.jar Desugar.java IN.jar OUT.jar
 */
class Desugar {
    public static void main(String[] args) throws IOException {
        try (ZipFile in = new ZipFile(args[0]);
             ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(Path.of(args[1])))) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                byte[] content = in.getInputStream(entry).readAllBytes();
                boolean lambdas = new String(content, StandardCharsets.ISO_8859_1).contains("LambdaMetafactory");
                lambdas &= entry.getName().endsWith(".class");
                write(out, entry.getName(), lambdas ? desugared(content, out) : content);
            }
        }
    }

    private static byte[] desugared(byte[] content, ZipOutputStream out) {
        ClassReader reader = new ClassReader(content);
        ClassWriter writer = new ClassWriter(0);  // a call for a call: neither stack nor frames change
        reader.accept(new ClassVisitor(ASM9, writer) {
            int count = 0;

            @Override
            public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] thrown) {
                // bodies of lambdas are private and static; the new class beside this one calls them
                int visible = (access & ACC_STATIC) != 0 ? access & ~ACC_PRIVATE : access;
                return new MethodVisitor(ASM9, super.visitMethod(visible, name, type, signature, thrown)) {
                    @Override
                    public void visitInvokeDynamicInsn(String method, String captured, Handle maker, Object... given) {
                        Handle body = (Handle) given[1];
                        Type erased = (Type) given[0], actual = (Type) given[2];
                        String taken = captured.substring(1, captured.indexOf(')'));
                        if (!maker.getName().equals("metafactory") || body.getTag() != H_INVOKESTATIC
                                || !body.getDesc().equals("(" + taken + actual.getDescriptor().substring(1))) {
                            throw new IllegalArgumentException("cannot desugar " + body + " by " + maker);
                        }
                        String lambda = reader.getClassName() + "$Desugared" + count++;
                        write(out, lambda + ".class", lambda(lambda, method, captured, erased, actual, body));
                        super.visitMethodInsn(INVOKESTATIC, lambda, "make", captured, false);
                    }
                };
            }
        }, 0);
        return writer.toByteArray();
    }

    /** A class with what the lambda captured as fields: `static make(captured)` and the interface's method. */
    private static byte[] lambda(String name, String method, String captured, Type erased, Type actual, Handle body) {
        Type[] fields = Type.getArgumentTypes(captured);
        String constructor = Type.getMethodDescriptor(Type.VOID_TYPE, fields);
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        writer.visit(V1_8, ACC_FINAL | ACC_SYNTHETIC, name, null, "java/lang/Object",
            new String[] {Type.getReturnType(captured).getInternalName()});
        for (int n = 0; n < fields.length; n++) {
            writer.visitField(ACC_PRIVATE | ACC_FINAL, "f" + n, fields[n].getDescriptor(), null, null);
        }

        MethodVisitor code = writer.visitMethod(ACC_STATIC, "make", captured, null, null);
        code.visitTypeInsn(NEW, name);
        code.visitInsn(DUP);
        loadAll(code, fields, 0);
        code.visitMethodInsn(INVOKESPECIAL, name, "<init>", constructor, false);
        end(code, ARETURN);

        code = writer.visitMethod(ACC_PRIVATE, "<init>", constructor, null, null);
        code.visitVarInsn(ALOAD, 0);
        code.visitMethodInsn(INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
        for (int n = 0, local = 1; n < fields.length; local += fields[n++].getSize()) {
            code.visitVarInsn(ALOAD, 0);
            code.visitVarInsn(fields[n].getOpcode(ILOAD), local);
            code.visitFieldInsn(PUTFIELD, name, "f" + n, fields[n].getDescriptor());
        }
        end(code, RETURN);

        code = writer.visitMethod(ACC_PUBLIC, method, erased.getDescriptor(), null, null);
        for (int n = 0; n < fields.length; n++) {
            code.visitVarInsn(ALOAD, 0);
            code.visitFieldInsn(GETFIELD, name, "f" + n, fields[n].getDescriptor());
        }
        loadAll(code, actual.getArgumentTypes(), 1);
        code.visitMethodInsn(INVOKESTATIC, body.getOwner(), body.getName(), body.getDesc(), body.isInterface());
        end(code, erased.getReturnType().getOpcode(IRETURN));
        return writer.toByteArray();
    }

    private static void loadAll(MethodVisitor code, Type[] types, int local) {
        for (Type type : types) {
            code.visitVarInsn(type.getOpcode(ILOAD), local);
            if (type.getSort() >= Type.ARRAY) {
                code.visitTypeInsn(CHECKCAST, type.getInternalName());
            }
            local += type.getSize();
        }
    }

    private static void end(MethodVisitor code, int by) {
        code.visitInsn(by);
        code.visitMaxs(0, 0);
        code.visitEnd();
    }

    private static void write(ZipOutputStream out, String name, byte[] content) {
        try {
            out.putNextEntry(new ZipEntry(name));
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
