export * from "../faulty/atom";
